// `node:path` where there is no Node: there is one root, and names are separated by slashes.
import { invalidArgument, needText } from './errors.ts'

interface ParsedPath {
  root: string
  dir: string
  base: string
  ext: string
  name: string
}

export const sep = '/'
export const delimiter = ':'

/** The names of a path without `.` and with `..` applied; what leads above a relative start stays. */
function walk(path: string, absolute: boolean): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.length > 0 && names.at(-1) !== '..') names.pop()
    else if (!absolute) names.push('..')
  }
  return names.join('/')
}

export function normalize(path: string): string {
  needText('path', path)
  if (path === '') return '.'
  const absolute = isAbsolute(path)
  const walked = walk(path, absolute)
  const ending = path.endsWith('/') && walked !== '' ? '/' : ''
  if (absolute) return `/${walked}${ending}`
  return walked === '' ? (path.endsWith('/') ? './' : '.') : walked + ending
}

export function isAbsolute(path: string): boolean {
  needText('path', path)
  return path.startsWith('/')
}

export function join(...paths: string[]): string {
  for (const path of paths) needText('path', path)
  const joined = paths.filter((path) => path !== '').join('/')
  return joined === '' ? '.' : normalize(joined)
}

export function resolve(...paths: string[]): string {
  for (const [at, path] of paths.entries()) needText(`paths[${at}]`, path)
  const start = paths.findLastIndex((path) => path.startsWith('/'))
  return `/${walk(paths.slice(Math.max(start, 0)).join('/'), true)}`
}

export function relative(from: string, to: string): string {
  needText('from', from)
  needText('to', to)
  const start = resolve(from).split('/').filter(Boolean)
  const target = resolve(to).split('/').filter(Boolean)
  let same = 0
  while (same < start.length && same < target.length && start[same] === target[same]) same++
  return [...start.slice(same).map(() => '..'), ...target.slice(same)].join('/')
}

export function toNamespacedPath<T>(path: T): T {
  return path
}

function withoutEnd(path: string): string {
  return path.replace(/(?<=[^/])\/+$/, '')
}

export function dirname(path: string): string {
  needText('path', path)
  const trimmed = withoutEnd(path)
  const at = trimmed.lastIndexOf('/')
  if (at === -1) return '.'
  const above = trimmed.slice(0, at)
  if (above === '') return '/'
  return /^\/+$/.test(above) ? (trimmed.startsWith('//') && above === '/' ? '//' : '/') : above
}

export function basename(path: string, suffix?: string): string {
  needText('path', path)
  if (suffix !== undefined) needText('suffix', suffix)
  const trimmed = path.replace(/\/+$/, '')
  const base = trimmed.slice(trimmed.lastIndexOf('/') + 1)
  if (path === suffix) return ''
  return suffix && base.endsWith(suffix) && base !== suffix ? base.slice(0, -suffix.length) : base
}

export function extname(path: string): string {
  const base = basename(path)
  const at = base.lastIndexOf('.')
  return at <= 0 || base === '..' ? '' : base.slice(at)
}

export function parse(path: string): ParsedPath {
  needText('path', path)
  const root = path.startsWith('/') ? '/' : ''
  const base = basename(path)
  const ext = extname(path)
  const trimmed = withoutEnd(path)
  const at = trimmed.lastIndexOf('/')
  const dir = at > 0 ? trimmed.slice(0, at) : root
  return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) }
}

export function format(path: Partial<ParsedPath>): string {
  if (typeof path !== 'object' || path === null) throw invalidArgument('pathObject', 'of type object', path)
  const dir = path.dir || path.root
  const ext = path.ext ? (path.ext.startsWith('.') ? path.ext : `.${path.ext}`) : ''
  const base = path.base || `${path.name ?? ''}${ext}`
  if (!dir) return base
  return dir === path.root ? dir + base : `${dir}/${base}`
}

export const posix = {
  basename,
  delimiter,
  dirname,
  extname,
  format,
  isAbsolute,
  join,
  normalize,
  parse,
  relative,
  resolve,
  sep,
  toNamespacedPath,
}
Object.assign(posix, { posix })

export default posix
