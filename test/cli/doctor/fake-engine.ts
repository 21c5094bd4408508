import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An engine on loopback that answers what it is told to; for engines that no machine here has. */
export interface FakeEngine extends AsyncDisposable {
  readonly address: string
}

const VERSION = {
  Version: '28.0.0',
  ApiVersion: '1.48',
  MinAPIVersion: '1.24',
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: '6',
}
const INFO = {
  OSType: 'linux',
  OperatingSystem: 'Test',
  Driver: 'overlay2',
  DriverStatus: [['Backing Filesystem', 'xfs']],
  CgroupVersion: '2',
  CgroupDriver: 'systemd',
  MemoryLimit: true,
  SwapLimit: true,
  PidsLimit: true,
  CpuCfsQuota: true,
  SecurityOptions: ['name=seccomp,profile=builtin'],
  Warnings: [] as string[],
  DockerRootDir: '/nowhere',
  NCPU: 4,
  MemTotal: 8_589_934_592,
}

/** Starts one; what is given replaces a part of what it says. A path without an answer gets an empty list. */
export async function fakeEngine(
  says: {
    readonly version?: Readonly<Record<string, unknown>>
    readonly info?: Readonly<Record<string, unknown>>
    /** Answers by the beginning of the path. */
    readonly more?: Readonly<Record<string, { status?: number; body: unknown }>>
    /** Paths that never get an answer. */
    readonly silent?: RegExp
  } = {},
): Promise<FakeEngine> {
  const answers: Record<string, { status?: number; body: unknown }> = {
    '/version': { body: { ...VERSION, ...says.version } },
    '/info': { body: { ...INFO, ...says.info } },
    '/system/df': { body: {} },
    ...says.more,
  }
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    if (says.silent?.test(url)) return
    const found = Object.entries(answers).find(([start]) => url.startsWith(start))?.[1]
    const missing = /^\/(images\/(?!json)|distribution\/)/.test(url)
    const { status = 200, body } =
      found ?? (missing ? { status: 404, body: { message: 'no such image' } } : { body: [] })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
