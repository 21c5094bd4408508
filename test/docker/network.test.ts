// @engine
// @node
// @slow
// @timeout 180
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isPublic, readAddress } from '../../src/domain/addresses.ts'
import { LANGUAGES, type Language } from '../../src/domain/runtime-name.ts'
import { docker, dockerNeed, hostForContainers } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { type DockerGateway, startGateway, stopped } from './gateway.ts'
import { deployProbe, type Probe } from './probe.ts'

const suiteOf = suite('where a container can get')
const need = dockerNeed()
const test = needing(suiteOf, need)
const REFUSED = /unreachable|No route to host|EHOSTUNREACH|ENETUNREACH|not permitted|EPERM/
const WORDS = 'words of the host'

/** A service of this machine, on all of its addresses. */
async function service(): Promise<Server & { readonly port: number }> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(WORDS)).listen(0, '0.0.0.0')
  await once(server, 'listening')
  return Object.assign(server, { port: (server.address() as { port: number }).port })
}

interface World {
  readonly gateway: DockerGateway
  readonly open: Server & { readonly port: number }
  readonly shut: Server & { readonly port: number }
  readonly host: string
  readonly probes: Readonly<Record<Language, Probe>>
}

async function build(): Promise<World> {
  const [open, shut, host] = await Promise.all([service(), service(), hostForContainers()])
  const gateway = await startGateway({ FAAS_EGRESS_ALLOW: `${host}:${open.port}` })
  const limits = { concurrency: 1, max_instances: 1 }
  const python = await deployProbe(gateway, 'python', { path: 'network-python', limits })
  const node = await deployProbe(gateway, 'node', { path: 'network-node', limits })
  return { gateway, open, shut, host, probes: { python, node } }
}

const world = need.missing === null ? await build() : null

/** What came of a connection from inside: what was read, or the error. */
async function reach(probe: Probe, language: Language, host: string, port: number): Promise<string> {
  const code: Record<Language, string> = {
    python: `
import socket
try:
    with socket.create_connection((${JSON.stringify(host)}, ${port}), timeout=3) as s:
        return "connected " + s.recv(100).decode()
except OSError as error:
    return str(error)`,
    node: `
return await new Promise((resolve) => {
  const socket = require('node:net').connect(${port}, ${JSON.stringify(host)})
  socket.setTimeout(3000, () => { socket.destroy(); resolve('timed out') })
  socket.on('error', (error) => resolve(String(error)))
  socket.on('data', (data) => { socket.destroy(); resolve('connected ' + data) })
})`,
  }
  return String(await probe.run(code[language]))
}

/** Code that connects and gives the port that it then has on the other side. */
function connects(host: string, port: number): Record<Language, string> {
  const name = JSON.stringify(host)
  return {
    python: `
import socket
with socket.create_connection((${name}, ${port}), timeout=10) as s:
    return s.getpeername()[1]`,
    node: `
return await new Promise((resolve, reject) => {
  const socket = require('node:net').connect(${port}, ${name})
  socket.on('connect', () => { resolve(socket.remotePort); socket.destroy() }).on('error', reject)
})`,
  }
}

/** A port that a function listens on, and its address, from inside. */
const LISTENS: Record<Language, string> = {
  python: `
import builtins, socket, threading
server = socket.create_server(("0.0.0.0", 0))
def serve():
    while True:
        server.accept()[0].sendall(b"words of a function")
threading.Thread(target=serve, daemon=True).start()
return [socket.gethostbyname(socket.gethostname()), server.getsockname()[1]]`,
  node: `
const server = require('node:net').createServer((socket) => socket.end('words of a function')).listen(0, '0.0.0.0')
await new Promise((resolve) => server.on('listening', resolve))
const [{ address }] = require('node:os').networkInterfaces().eth0
return [address, server.address().port]`,
}

test('a container without our rules reaches the host, so that being refused means something', async () => {
  const { host, shut } = world!
  const program = `import socket; print(socket.create_connection((${JSON.stringify(host)}, ${shut.port}), 5).recv(99).decode())`
  assert.is(await docker('run', '--rm', 'python:3-slim', 'python3', '-c', program), WORDS)
})

for (const language of LANGUAGES) {
  test(`${language}: another function's container cannot be reached`, async () => {
    const { probes } = world!
    const other = language === 'node' ? 'python' : 'node'
    const [address, port] = (await probes[other].run(LISTENS[other])) as [string, number]
    assert.is(
      await reach(probes[other], other, address, port),
      'connected words of a function',
      'from itself',
    )
    assert.match(await reach(probes[language], language, address, port), REFUSED)
  })

  test(`${language}: the host's services cannot be reached on any of its addresses`, async () => {
    const { probes, shut, gateway, host } = world!
    const format = '{{range .IPAM.Config}}{{.Gateway}}{{end}}'
    const bridge = await docker('network', 'inspect', `faas-${gateway.id}`, '--format', format)
    const own = Object.values(networkInterfaces()).flatMap((list = []) =>
      list.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
    )
    for (const address of new Set([host, bridge, ...own]))
      assert.match(await reach(probes[language], language, address, shut.port), REFUSED, address)
    for (const address of ['127.0.0.1', '0.0.0.0'])
      assert.match(await reach(probes[language], language, address, shut.port), /refused/i, address)
  })

  test(`${language}: metadata services and private networks cannot be reached`, async () => {
    for (const address of [
      '169.254.169.254',
      '169.254.170.2',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '100.64.0.1',
    ])
      assert.match(await reach(world!.probes[language], language, address, 80), REFUSED, address)
  })

  test(`${language}: what FAAS_EGRESS_ALLOW names is open: that host, that port`, async () => {
    const { probes, open, host } = world!
    assert.is(await reach(probes[language], language, host, open.port), `connected ${WORDS}`)
    assert.match(await reach(probes[language], language, host, open.port + 1), REFUSED)
  })

  test(`${language}: the network is of IPv4 alone`, async () => {
    const read: Record<Language, string> = {
      python:
        'import os\nreturn open("/proc/net/if_inet6").read() if os.path.exists("/proc/net/if_inet6") else ""',
      node: `const fs = require('node:fs'); return fs.existsSync('/proc/net/if_inet6') ? fs.readFileSync('/proc/net/if_inet6', 'utf8') : ''`,
    }
    const lines = String(await world!.probes[language].run(read[language])).split('\n')
    assert.equal(
      lines.filter((line) => line !== '' && !line.trimEnd().endsWith(' lo')),
      [],
    )
  })

  test(`${language}: with limits.egress none there is no network but its own loopback`, async () => {
    const { gateway, host, open } = world!
    const path = `alone-${language}`
    const probe = await deployProbe(gateway, language, { path, limits: { egress: 'none' } })
    const interfaces: Record<Language, string> = {
      python: 'import socket\nreturn [name for _, name in socket.if_nameindex()]',
      node: "return require('node:fs').readdirSync('/sys/class/net')",
    }
    assert.equal(await probe.run(interfaces[language]), ['lo'])
    assert.match(await reach(probe, language, host, open.port), REFUSED, 'not even what the gateway allows')
    await gateway.api(`/callbacks/${probe.callbackId}`, { method: 'DELETE' })
  })

  test(`${language}: limits.egress_allow opens more for one function alone`, async () => {
    const { gateway, host, shut, probes } = world!
    const limits = { egress_allow: [`${host}:${shut.port}`] }
    const probe = await deployProbe(gateway, language, { path: `wider-${language}`, limits })
    assert.is(await reach(probe, language, host, shut.port), `connected ${WORDS}`)
    assert.match(await reach(probes[language], language, host, shut.port), REFUSED, 'the others')
    await gateway.api(`/callbacks/${probe.callbackId}`, { method: 'DELETE' })
  })
}

test('no other way of sending gets past the rules', async () => {
  const { probes, host, shut } = world!
  const heard: string[] = []
  const udp = createSocket('udp4', (message) => heard.push(String(message))).bind(0, '0.0.0.0')
  await once(udp, 'listening')
  const { port } = udp.address()
  const code = `
import fcntl, socket, struct
HOST, TCP, UDP = ${JSON.stringify(host)}, ${shut.port}, ${port}
def tried(name, *kinds, options=(), port=TCP, host=HOST):
    try:
        with socket.socket(socket.AF_INET, *kinds) as s:
            s.settimeout(2)
            for option in options:
                s.setsockopt(*option)
            s.connect((host, port))
            s.send(b"from inside by " + name.encode())
            return name + ": sent"
    except OSError as error:
        return name + ": " + str(error)
DEVICE = (socket.SOL_SOCKET, 25, b"eth0\\0")
LOOPBACK = (socket.SOL_SOCKET, 25, b"lo\\0")
UNICAST_IF = (socket.SOL_IP, 50, struct.pack("!I", socket.if_nametoindex("eth0")))
BROADCAST = (socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    NEIGHBOURS = socket.inet_ntoa(fcntl.ioctl(s, 0x8919, b"eth0".ljust(40, b"\\0"))[20:24])
return [
    tried("udp", socket.SOCK_DGRAM, port=UDP),
    tried("udp-lite", socket.SOCK_DGRAM, 136, port=UDP),
    tried("mptcp", socket.SOCK_STREAM, 262),
    tried("sctp", socket.SOCK_STREAM, 132),
    tried("dccp", 6, 33),
    tried("device", socket.SOCK_STREAM, options=[DEVICE]),
    tried("udp-device", socket.SOCK_DGRAM, options=[DEVICE], port=UDP),
    tried("udp-unicast-if", socket.SOCK_DGRAM, options=[UNICAST_IF], port=UDP),
    *(
        tried("broadcast-" + host, socket.SOCK_DGRAM, options=options, port=UDP, host=host)
        for host in ("255.255.255.255", NEIGHBOURS, "224.0.0.1", "239.1.1.1")
        for options in ([BROADCAST], [BROADCAST, DEVICE])
    ),
    tried("loopback", socket.SOCK_STREAM, options=[LOOPBACK]),
    tried("dontroute", socket.SOCK_STREAM, options=[(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)]),
    tried("mark", socket.SOCK_STREAM, options=[(socket.SOL_SOCKET, 36, 1)]),
    tried("transparent", socket.SOCK_STREAM, options=[(socket.SOL_IP, 19, 1)]),
    tried("source-route", socket.SOCK_STREAM, options=[(socket.SOL_IP, socket.IP_OPTIONS, bytes([131, 7, 4]) + socket.inet_aton(HOST) + bytes(1))]),
    tried("ping", socket.SOCK_DGRAM, 1),
    tried("raw", socket.SOCK_RAW, 6),
]`
  try {
    const lines = (await probes.python.run(code)) as string[]
    for (const line of lines)
      assert.not.match(line, /: sent$/, 'what reached the host, or a socket that goes anywhere')
    assert.equal(heard, [])
    const packet =
      'import socket\ntry:\n    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n    return "open"\nexcept OSError as error:\n    return str(error)'
    assert.match(String(await probes.python.run(packet)), /not permitted/)
  } finally {
    udp.close()
  }
})

test('the rules cannot be changed from inside', async () => {
  const { probes, host, shut } = world!
  // RTM_DELRULE for each rule that refuses, and RTM_NEWRULE for one before them all: each must be EPERM.
  const code = `
import os, socket, struct
def asked(kind, flags, *attributes):
    body = struct.pack("BBBBBBBBI", 2, 0, 0, 0, 254, 0, 0, 1, 0)
    for number, value in attributes:
        body += struct.pack("HHI", 8, number, value)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.send(struct.pack("IHHII", 16 + len(body), kind, 5 | flags, 1, 0) + body)
        return struct.unpack_from("i", s.recv(4096), 16)[0]
return [asked(33, 0, (6, 10000)), asked(33, 0, (6, 10001)), asked(32, 0x400, (6, 1), (15, 254))]`
  assert.equal(await probes.python.run(code), [-1, -1, -1])
  assert.match(await reach(probes.python, 'python', host, shut.port), REFUSED)
})

suiteOf('names are resolved, and a registry of packages is reached', async () => {
  if (world === null) return
  const registry = new URL(execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim())
  const found = await lookup(registry.hostname, { family: 4 }).catch(() => null)
  if (found === null) {
    console.log('SKIP names are resolved, and a registry of packages is reached: its name is not known here')
    return
  }
  const port = Number(registry.port || (registry.protocol === 'https:' ? 443 : 80))
  // A mirror may have an address that is not of the public internet.
  const isOpen = isPublic(readAddress(found.address) ?? [])
  const limits = isOpen ? {} : { egress_allow: [`${registry.hostname}:${port}`] }
  for (const language of LANGUAGES) {
    const probe = await deployProbe(world.gateway, language, { path: `registry-${language}`, limits })
    assert.is(await probe.run(connects(registry.hostname, port)[language]), port)
    await world.gateway.api(`/callbacks/${probe.callbackId}`, { method: 'DELETE' })
  }
})

test('it ends in peace, and leaves nothing', async () => {
  assert.equal(await stopped(world!.gateway), { end: { code: 0, signal: null }, left: [] })
})

suiteOf.after(async () => {
  world?.open.close()
  world?.shut.close()
  await world?.gateway.clear()
})
suiteOf.run()
