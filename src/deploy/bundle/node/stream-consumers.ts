// `node:stream/consumers` where there is no Node: whole bodies of any stream that can be iterated.
import { Buffer } from 'node:buffer'

type Source = AsyncIterable<Uint8Array | string>

/** @see https://nodejs.org/api/webstreams.html#utility-consumers */
export async function blob(source: Source): Promise<Blob> {
  const parts: BlobPart[] = []
  for await (const part of source) parts.push(part as BlobPart)
  return new Blob(parts)
}

export async function arrayBuffer(source: Source): Promise<ArrayBuffer> {
  return (await blob(source)).arrayBuffer()
}

export async function bytes(source: Source): Promise<Uint8Array> {
  return new Uint8Array(await arrayBuffer(source))
}

export async function buffer(source: Source): Promise<Buffer> {
  return Buffer.from(await arrayBuffer(source))
}

export async function text(source: Source): Promise<string> {
  const decoder = new TextDecoder()
  let whole = ''
  for await (const part of source)
    whole += typeof part === 'string' ? part : decoder.decode(part, { stream: true })
  return whole + decoder.decode()
}

export async function json(source: Source): Promise<unknown> {
  return JSON.parse(await text(source))
}

export default { arrayBuffer, blob, buffer, bytes, json, text }
