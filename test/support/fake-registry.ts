import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/** A package to serve: its manifest without name and version, and its files. */
export interface FakePackage {
  readonly name: string
  readonly version: string
  readonly manifest?: Record<string, unknown>
  readonly files?: Readonly<Record<string, string>>
}

/** An npm registry on this machine, with made-up packages. */
export interface FakeRegistry extends AsyncDisposable {
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly requests: string[]
  /** Later answers wait until the test is over: as a registry that hangs. */
  hang(): void
}

/** Starts a registry that serves these packages, on an address of this machine. */
export async function fakeRegistry(
  packages: readonly FakePackage[],
  host = '127.0.0.1',
): Promise<FakeRegistry> {
  const requests: string[] = []
  let hanging = false
  const server = createServer((request, response) => {
    requests.push(request.url!)
    if (!hanging) answer(request, response, packages, url)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    hang: () => {
      hanging = true
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  packages: readonly FakePackage[],
  url: string,
): void {
  const path = decodeURIComponent(request.url!.slice(1))
  const archived = packages.find((entry) => path === `${entry.name}/-/${entry.version}.tgz`)
  if (archived !== undefined) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(archive(archived))
    return
  }
  const versions = packages.filter((entry) => entry.name === path)
  if (versions.length === 0) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}')
    return
  }
  const packument = {
    name: path,
    'dist-tags': { latest: versions.at(-1)!.version },
    versions: Object.fromEntries(
      versions.map((entry) => [
        entry.version,
        {
          ...manifest(entry),
          dist: {
            tarball: `${url}/${entry.name}/-/${entry.version}.tgz`,
            integrity: `sha512-${createHash('sha512').update(archive(entry)).digest('base64')}`,
          },
        },
      ]),
    ),
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument))
}

function manifest({ name, version, manifest: rest }: FakePackage): Record<string, unknown> {
  return { name, version, ...rest }
}

function archive(entry: FakePackage): Uint8Array {
  const files = { 'package.json': JSON.stringify(manifest(entry)), ...entry.files }
  const parts = Object.entries(files).flatMap(([name, text]) =>
    tarEntry(`package/${name}`, Buffer.from(text)),
  )
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]))
}

/** A file in the ustar format: a header of 512 bytes, and the content in blocks of that size. */
function tarEntry(name: string, content: Buffer): Buffer[] {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
}
