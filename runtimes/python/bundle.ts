import { readdir, readFile } from 'node:fs/promises'
import type { ContainerGuest } from '../container-guest.ts'

const FOLDER = new URL('./', import.meta.url)
/** What the payload starts with: it makes the other modules importable and runs them. */
const ENTRY = 'boot.py'
const BOOT = [
  'import os',
  'def read(size):',
  ' parts = []',
  ' while size:',
  '  part = os.read(0, size)',
  '  if not part: os._exit(0)',
  '  parts.append(part)',
  '  size -= len(part)',
  ' return b"".join(parts)',
  'exec(read(int.from_bytes(read(4), "little")))',
].join('\n')

/** The Python guest: isolated from the container's environment, without `site` until there is a function. */
export async function pythonGuest(): Promise<ContainerGuest> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.py')).toSorted()
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), 'utf8')))
  const modules = Object.fromEntries(names.map((name, index) => [name.slice(0, -3), sources[index]]))
  // JSON of text is a Python literal too, as long as it is ASCII or escapes nothing beyond it.
  const text = `${sources[names.indexOf(ENTRY)]}\nstart(${JSON.stringify(modules)})\n`
  return {
    command: ['python3', '-I', '-S', '-X', 'utf8', '-c', BOOT],
    payload: withLength(new TextEncoder().encode(text)),
  }
}

function withLength(bytes: Uint8Array): Uint8Array {
  const payload = new Uint8Array(4 + bytes.length)
  new DataView(payload.buffer).setUint32(0, bytes.length, true)
  payload.set(bytes, 4)
  return payload
}
