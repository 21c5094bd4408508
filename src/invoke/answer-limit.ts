const MIB = 1_048_576

type Pairs = readonly (readonly [string, string])[]

/** How a streamed answer under a limit ended: `cut` when it passed the limit, `left` when its reader went away. */
export type StreamEnd = 'whole' | 'cut' | 'left'

/**
 * Refuses an answer whose length is known to be beyond the limit: the guest gives the length of texts and bytes.
 * @throws RangeError
 */
export function checkLength(pairs: Pairs, body: unknown, answerMb: number): void {
  const said = pairs.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  const bytes = body instanceof Uint8Array ? body.length : body === null ? 0 : Number(said ?? 0)
  if (bytes > answerMb * MIB)
    throw new RangeError(
      `its body has ${bytes} bytes, limits.answer_mb allows ${answerMb * MIB}: answer with less or raise it`,
    )
}

/** The sentence for a streamed answer that passed its limit. */
export function cutSentence(name: string, answerMb: number): string {
  return `Cannot send more of the answer of "${name}": it passed the ${answerMb} MB of limits.answer_mb: stream less or raise it`
}

/** A streamed answer that breaks off once it passes its limit. `onEnd` is called once. */
export function limitStream(
  body: ReadableStream<Uint8Array>,
  answerMb: number,
  onEnd: (end: StreamEnd) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let left = answerMb * MIB
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            onEnd('whole')
            controller.close()
          } else if (value.length > left) {
            const reason = new RangeError(`the answer passed its ${answerMb} MB`)
            onEnd('cut')
            controller.error(reason)
            reader.cancel(reason).catch(() => undefined)
          } else {
            left -= value.length
            controller.enqueue(value)
          }
        } catch (error) {
          onEnd('whole')
          controller.error(error)
        }
      },
      cancel(reason) {
        onEnd('left')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
