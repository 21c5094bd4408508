import type { Availability } from './runtime/runtime.ts'

/** What is told as soon as calls are taken. */
export function listeningLines(address: string, location: string): string {
  return `faas-gateway listens on ${address}\ndata      ${location}\n`
}

/** What is told once the runtimes have said whether they can be used, and a first call to paste. */
export function runtimeLines(
  address: string,
  runtimes: Readonly<Record<string, Availability>>,
  guarded: boolean,
): string {
  const lines = Object.entries(runtimes).map(([name, availability]) =>
    availability.ready
      ? `  ${name.padEnd(8)} ready: ${availability.detail}`
      : `  ${name.padEnd(8)} not ready: ${availability.reason}: ${availability.remedy}`,
  )
  const paste = 'register, deploy and call a first function:'
  return ['runtimes', ...lines, paste, `  ${firstCall(address, guarded)}`, ''].join('\n')
}

/** One line for a shell: it needs nothing but curl and sed. */
function firstCall(address: string, guarded: boolean): string {
  const token = guarded ? ` -H "authorization: Bearer $FAAS_ADMIN_TOKEN"` : ''
  const curl = `curl -s${token} -H 'content-type: application/json'`
  const code = 'export default () => new Response(`Hello from an isolate\\\\n`)'
  const register = `${curl} ${address}/callbacks -d '{"path":"hello-world","method":"GET","type":"node","code":"${code}"}'`
  return (
    `id=$(${register} | sed -E 's/.*"callback_id":([0-9]+).*/\\1/'); ` +
    `${curl} "${address}/deploy?wait=30" -d "{\\"callback_id\\":$id,\\"status\\":true}"; echo; ` +
    `curl -si ${address}/api/hello-world`
  )
}
