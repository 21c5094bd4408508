import type { Store } from './store.ts'

/** Another replica's change is seen within this. Milliseconds. */
const POLL_MS = 500

/**
 * Calls `onChange` whenever the store's revision has moved, one call at a time. A store that does not answer
 * is asked again; `onTrouble` hears of the first failure in a row.
 * @returns a function that ends the polling
 */
export function followRevision(
  store: Store,
  from: number,
  onChange: () => Promise<void>,
  onTrouble: (error: unknown) => void,
): () => void {
  let seen = from
  let troubled = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  const poll = async () => {
    try {
      const revision = await store.revision()
      if (revision !== seen) {
        await onChange()
        seen = revision
      }
      troubled = false
    } catch (error) {
      if (!troubled) onTrouble(error)
      troubled = true
    }
    if (!stopped) schedule()
  }
  const schedule = () => {
    timer = setTimeout(poll, POLL_MS)
    timer.unref?.()
  }
  schedule()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
