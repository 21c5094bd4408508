/** Takes what is secret out of a text. */
export type Redact = (text: string) => string

type Env = Readonly<Record<string, string | undefined>>

const SECRET_NAMES = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|_KEY$|_AUTH$/i
/** A shorter value is no secret, and would be found in half of all words. */
const SHORTEST = 4

/** Secrets are what the environment holds under such a name, and what an address carries besides its host and path. */
export function redactor(env: Env): Redact {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) =>
      SECRET_NAMES.test(name) && value !== undefined && value.length >= SHORTEST ? [value] : [],
    )
    .toSorted((a, b) => b.length - a.length)
  return (text) => {
    const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    return clean
      .replaceAll(/([a-z][a-z\d+.-]*:\/{0,2})[^\s/@"]+:[^\s/@"]*@/gi, '$1***@')
      .replaceAll(/(:\/\/)[^\s/@"]+@(?=[^\s@])/g, '$1***@')
      .replaceAll(/([?&][\w.-]+=)[^&\s"']+/g, '$1***')
  }
}
