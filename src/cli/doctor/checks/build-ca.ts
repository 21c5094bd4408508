import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Check } from '../check.ts'
import { fail, ok, type Verdict, warn } from '../finding.ts'
import type { Surroundings } from '../surroundings.ts'
import { count } from '../units.ts'

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g
const SOON = 14 * 86_400_000

/** The certificate authority for builds: whether it can be read, is one, and is valid today. */
export function buildCaCheck({ config }: Surroundings): Check {
  const file = config.buildCaFile
  return {
    id: 'build-ca',
    part: 'builds',
    about: 'the certificate authority of builds',
    late: (what) => fail(what, 'set FAAS_BUILD_CA_FILE to a file on a local disk, or unset it'),
    async run() {
      if (file === null) return ok('certificates: builds trust the usual authorities', { file: null })
      const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error)
      if (pem instanceof Error)
        return fail(
          `certificates: FAAS_BUILD_CA_FILE "${file}" cannot be read (${pem.code})`,
          'make it readable for this user, or correct the path',
          { file },
        )
      return verdictOf(file, pem)
    },
  }
}

function verdictOf(file: string, pem: string): Verdict {
  const certificates = (pem.match(PEM) ?? []).flatMap((block) => parsed(block) ?? [])
  if (certificates.length === 0)
    return fail(
      `certificates: FAAS_BUILD_CA_FILE "${file}" holds no certificate`,
      'name a PEM file: it begins with -----BEGIN CERTIFICATE-----',
      { file, certificates: 0 },
    )
  const facts = {
    file,
    certificates: certificates.length,
    subjects: certificates.slice(0, 5).map(({ subject }) => oneLine(subject)),
    valid_to: certificates[0]!.validTo,
  }
  const seen = `certificates: builds trust ${count(certificates.length, 'authority').replace(/ys$/, 'ies')} of "${file}" too`
  const ends = certificates.map(({ validTo }) => Date.parse(validTo))
  const expired = certificates.find((_, index) => ends[index]! < Date.now())
  if (expired !== undefined)
    return fail(
      `certificates: "${oneLine(expired.subject)}" of "${file}" has expired on ${expired.validTo}`,
      'replace it by a valid one',
      facts,
    )
  if (Math.min(...ends) < Date.now() + SOON)
    return warn(`${seen}; one ends within two weeks`, 'replace it before that', facts)
  return ok(seen, facts)
}

function parsed(block: string): X509Certificate | null {
  try {
    return new X509Certificate(block)
  } catch {
    return null
  }
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ', ')
}
