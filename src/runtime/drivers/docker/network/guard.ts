import type { Engine } from '../engine/engine.ts'
import { addRule, type RoutingRule } from './netlink.ts'
import { addPolicy } from './policy.ts'

/**
 * Sends netlink requests, one an argument (the family, a colon, the request in hexadecimal), and waits for each
 * acknowledgement. What speaks netlink in a base image is Perl (Debian's have it) or Python.
 */
const PERL = `my %s; for (@ARGV) { my ($f,$h)=split /:/;
if (!$s{$f}) { socket($s{$f},16,3,$f) or die "netlink $f: $!\\n" }
send($s{$f},pack("H*",$h),0) or die "send: $!\\n"; recv($s{$f},my $r,4096,0);
my $e=unpack("l",substr($r,16,4)); if (unpack("S",substr($r,4,2))==2 && $e) { $!=-$e; die "$_: $!\\n" } }`
const PYTHON = `import os,socket,struct,sys
s={}
for a in sys.argv[1:]:
  f,h=a.split(":")
  if f not in s: s[f]=socket.socket(16,3,int(f))
  s[f].sendto(bytes.fromhex(h),(0,0)); r=s[f].recv(4096); e=struct.unpack_from("i",r,16)[0]
  if struct.unpack_from("H",r,4)[0]==2 and e: sys.exit(a+": "+os.strerror(-e))`
/** linux/netlink.h */
const NETLINK_ROUTE = 0
const NETLINK_XFRM = 6
/** A constant: what differs comes as arguments. */
const PROGRAM = `p=$1 y=$2; shift 2
if command -v perl >/dev/null 2>&1; then exec perl -e "$p" "$@"; fi
if command -v python3 >/dev/null 2>&1; then exec python3 -I -S -c "$y" "$@"; fi
echo "neither perl nor python3 is there" >&2; exit 127`

/**
 * Puts rules into the network of a container that runs, from beside it: the container itself has no privilege, and
 * the one that has it ends before any code of a function runs.
 * @param running resolves when that container runs
 * @throws RuntimeUnavailable when the rules are not in place
 */
export async function guard(
  engine: Engine,
  image: string,
  containerId: string,
  rules: readonly RoutingRule[],
  running: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const routes = rules.map((rule) => request(NETLINK_ROUTE, addRule(rule)))
  // What is allowed comes last: it takes the place of what refuses the same destination.
  const policies = rules
    .toSorted((a, b) => b.priority - a.priority)
    .flatMap((rule) => addPolicy(rule) ?? [])
    .map((policy) => request(NETLINK_XFRM, policy))
  const options = {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', PROGRAM, 'guard', PERL, PYTHON],
    Cmd: [...routes, ...policies],
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
  }
  const { code, output } = await engine.runOnce(options, running)
  if (code === 0) return
  const why = output.trim().split('\n').at(-1) ?? ''
  throw engine.unavailable(
    `the ways from the container to the host could not be closed in image "${image}": exit code ${code}: ${why}`,
    'use an image with perl or python3 and a kernel with policy routing and XFRM, or set limits.egress to none',
  )
}

function request(family: number, bytes: Uint8Array): string {
  return `${family}:${Buffer.from(bytes).toString('hex')}`
}
