// What package managers print, as one sentence that says what is wrong.

/** npm's code, the sentence that says what is wrong, and for a conflict the two sides of it. */
export function npmSentence(output: readonly string[]): string {
  const errors = output.flatMap((line) => /^npm (?:error|ERR!) ?(.*)$/.exec(line)?.slice(1) ?? [])
  const code = errors.flatMap((line) => /^code (\S+)$/.exec(line)?.slice(1) ?? [])[0]
  const script = errors.flatMap((line) => /^command (?:sh|\S*cmd\S*) \S+ (.+)$/.exec(line)?.slice(1) ?? [])[0]
  if (script !== undefined) return scriptSentence(script, errors, output)
  const said = errors
    // npm puts the topic before each line.
    .map((line) => line.replace(/^(?:404|notarget|network|ERESOLVE|FetchError:) /, '').trim())
    .filter((line) => line !== '' && !/^(?:code|errno|syscall|at|A complete log) /.test(line))
  const sides = code === 'ERESOLVE' ? said.slice(1).filter((line) => /^(?:Found:|peer) /.test(line)) : []
  const first = said[0] ?? output.at(-1) ?? 'it said nothing'
  const distrusted = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|^CERT_/.test(code ?? '')
  const hint = distrusted ? ['FAAS_BUILD_CA_FILE names a certificate to trust'] : []
  const words = [bare(first), ...sides.slice(0, 2), ...hint].join('; ')
  return `${code === undefined ? '' : `${code}: `}${words}`
}

/** The install script of a package failed: what it ran, and the last error that it told. */
function scriptSentence(script: string, errors: readonly string[], output: readonly string[]): string {
  const path = errors.flatMap((line) => /^path (.+)$/.exec(line)?.slice(1) ?? [])[0]
  const name = path === undefined ? 'a package' : `"${path.split('node_modules/').at(-1)}"`
  const why = lastError(output.filter((line) => !/^npm /.test(line)))
  return `the install script of ${name} failed, \`${script}\`${why === null ? '' : `: ${why}`}`
}

/** What pip says is wrong, with what it tells below that where the sentence needs it. */
export function pipSentence(output: readonly string[]): string {
  const conflict = output.findIndex((line) => /^ERROR: Cannot install .*conflicting dependencies/.test(line))
  if (conflict !== -1) return conflictSentence(output, conflict)
  const broken = output.findLastIndex((line) => /^\s*× .*did not run successfully/.test(line))
  if (broken !== -1) return buildSentence(output)
  const at = output.findLastIndex((line) => line.startsWith('ERROR: '))
  const said = at === -1 ? null : output[at]!.slice('ERROR: '.length)
  if (said === null) {
    // What the parser of its options says, or the end of a crash.
    const [word] = output.flatMap((line) => /^(?:\S+: )?error: (.+)$/.exec(line)?.slice(1) ?? [])
    return word ?? output.at(-1) ?? 'it said nothing'
  }
  const below = indentedBelow(output, at)
  if (said.startsWith('THESE PACKAGES DO NOT MATCH THE HASHES')) {
    return [said.split('. ')[0]!, ...below.map(withoutOrigin)].join('; ').replaceAll(/ +/g, ' ')
  }
  if (said.includes('--require-hashes')) {
    // An explanation may follow, and a list of what lacks them.
    const first = below.find((line) => line !== '')
    return bare(`${said.split('. ')[0]}${first === undefined ? '' : `: ${withoutOrigin(first)}`}`)
  }
  return `${bare(said)}${reasonWhyNone(output, said)}`
}

/** Nothing matches: because of the Python of the image, or because the index could not be asked. */
function reasonWhyNone(output: readonly string[], said: string): string {
  const wanted = /^No matching distribution found for (\S+)/.exec(said)?.[1]
  if (wanted === undefined) return ''
  const ignored = output.find((line) => line.startsWith('ERROR: Ignored the following versions')) ?? ''
  const version = /==([\w.!+-]+)/.exec(wanted)?.[1]
  const python = ignored
    .split(/[;:] /)
    .find((part) => part.startsWith(`${version} Requires-Python `))
    ?.split('Requires-Python ')[1]
  if (python !== undefined) return `: this version requires Python ${python}`
  const refused = output.find((line) => /confirming the ssl certificate/i.test(line))
  if (refused !== undefined) {
    return ': the certificate of the index is not trusted; FAAS_BUILD_CA_FILE names one that is'
  }
  const lost = output.findLast((line) => /^WARNING: Retrying/.test(line))
  const cause = lost === undefined ? undefined : /after connection broken by '(.*)':/.exec(lost)?.[1]
  return cause === undefined ? '' : `: the index could not be reached: ${cause}`
}

function conflictSentence(output: readonly string[], at: number): string {
  const cause = output.indexOf('The conflict is caused by:', at)
  const sides = cause === -1 ? [] : indentedBelow(output, cause).map((line) => line.trim())
  return [bare(output[at]!.slice('ERROR: '.length)), ...sides.slice(0, 4)].join('; ')
}

/** A package came as source and could not be built: which one, at what, and the last error of its build. */
function buildSentence(output: readonly string[]): string {
  const step = output.flatMap((line) => /^\s*× (.*did not run successfully)/.exec(line)?.slice(1) ?? [])[0]!
  const named = output.flatMap(
    (line) =>
      /^\s*ERROR: (?:Failed building wheel for|Failed to build '?)\s*([\w.-]+)/.exec(line)?.slice(1) ?? [],
  )[0]
  const collected = output.flatMap((line) => /^Collecting (\S+)/.exec(line)?.slice(1) ?? []).at(-1)
  const start = output.findIndex((line) => /╰─> \[\d+ lines? of output\]/.test(line))
  const end = output.findIndex((line) => /\[end of output\]/.test(line))
  const why = start === -1 ? null : lastError(output.slice(start + 1, end === -1 ? undefined : end))
  const name = named ?? collected
  return `${name === undefined ? '' : `cannot build ${name}: `}${step}${why === null ? '' : `: ${bare(why)}`}`
}

/** The last line that reads like an error, else the last line at all. */
function lastError(lines: readonly string[]): string | null {
  const trimmed = lines.map((line) => line.trim()).filter((line) => line !== '')
  const error = trimmed.findLast((line) => /\b(?:\w*Error|Exception|error|ERROR)\b: ?\S/.test(line))
  return error?.replace(/^(?:gyp ERR! stack )/, '') ?? trimmed.at(-1) ?? null
}

function indentedBelow(output: readonly string[], at: number): string[] {
  const rest = output.slice(at + 1)
  const end = rest.findIndex((line) => !/^\s/.test(line))
  return end === -1 ? rest : rest.slice(0, end)
}

/** `flask==3.1.3 from https://… (from …):` is the package and where it came from. */
function withoutOrigin(line: string): string {
  return line.trim().replace(/ from \S+:\/\/.*$/, '')
}

function bare(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
