import type { Engine } from './engine.ts'
import { addRule, type RoutingRule } from './netlink.ts'

/**
 * Sends netlink requests, one an argument in hexadecimal, and waits for each acknowledgement. What speaks netlink in a
 * base image is Perl (Debian's have it) or Python.
 */
const PERL = `socket(my $s,16,3,0) or die "socket: $!\\n";
for my $h (@ARGV) { send($s,pack("H*",$h),0) or die "send: $!\\n"; recv($s,my $r,4096,0);
my $e=unpack("l",substr($r,16,4)); if (unpack("S",substr($r,4,2))==2 && $e) { $!=-$e; die "$h: $!\\n" } }`
const PYTHON = `import os,socket,struct,sys
s=socket.socket(16,3,0)
for h in sys.argv[1:]:
  s.sendto(bytes.fromhex(h),(0,0)); r=s.recv(4096); e=struct.unpack_from("i",r,16)[0]
  if struct.unpack_from("H",r,4)[0]==2 and e: sys.exit(h+": "+os.strerror(-e))`
/** A constant: what differs comes as arguments. */
const PROGRAM = `p=$1 y=$2; shift 2
if command -v perl >/dev/null 2>&1; then exec perl -e "$p" "$@"; fi
if command -v python3 >/dev/null 2>&1; then exec python3 -I -S -c "$y" "$@"; fi
echo "neither perl nor python3 is there" >&2; exit 127`

/**
 * Puts rules into the network of a container that runs, from beside it: the container itself has no privilege, and
 * the one that has it ends before any code of a function runs.
 * @throws RuntimeUnavailable when the rules are not in place
 */
export async function guard(
  engine: Engine,
  image: string,
  containerId: string,
  rules: readonly RoutingRule[],
): Promise<void> {
  const requests = rules.map((rule) => Buffer.from(addRule(rule)).toString('hex'))
  const { code, output } = await engine.runOnce({
    Image: image,
    Entrypoint: ['/bin/sh', '-c', PROGRAM, 'guard', PERL, PYTHON],
    Cmd: requests,
    User: '0:0',
    Labels: engine.labels({ 'faas.role': 'guard' }),
    HostConfig: {
      NetworkMode: `container:${containerId}`,
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Memory: 64 * 1_048_576,
      MemorySwap: 64 * 1_048_576,
      PidsLimit: 16,
    },
  })
  if (code === 0) return
  const why = output.trim().split('\n').at(-1) ?? ''
  throw engine.unavailable(
    `the ways from the container to the host could not be closed in image "${image}": exit code ${code}: ${why}`,
    'use an image with perl or python3 and a kernel with policy routing, or set limits.egress to none',
  )
}
