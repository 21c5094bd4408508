// @slow
import { suite } from 'uvu'
import { sameAsNode } from './compare.ts'

const test = suite('the same as in Node: path, url, querystring, string_decoder, punycode')

sameAsNode(
  test,
  `import path from 'node:path'; import url, { fileURLToPath, pathToFileURL } from 'node:url'
   import querystring from 'node:querystring'; import { StringDecoder } from 'node:string_decoder'`,
  {
    'path.join and normalize': `return [['a', '..', '..', 'b'], ['/a/', './b', ''], [''], ['a//b', '../c/.'], ['/..', 'x']].map((parts) => [path.join(...parts), path.normalize(parts.join('/'))])`,
    'path.resolve': `return [path.resolve('/a', 'b', '../c'), path.resolve('/a', '/b'), path.resolve('/', '..')]`,
    'path.relative': `return [['/a/b/c', '/a/d'], ['/a', '/a'], ['/', '/x/y'], ['/a/b', '/a/bc']].map(([a, b]) => path.relative(a, b))`,
    'path.parse and format': `return ['/a/b.tar.gz', '.rc', 'a/', '/', '', 'x.', '..', 'a/.b.c'].map((p) => [path.parse(p), path.format(path.parse(p)), path.basename(p), path.dirname(p), path.extname(p), path.isAbsolute(p)])`,
    'path.basename with a suffix': `return [path.basename('/a/b.js', '.js'), path.basename('.js', '.js'), path.basename('a.js/', '.js')]`,
    'path.format': `return [path.format({ root: '/', name: 'f', ext: 'txt' }), path.format({ dir: '/d', base: 'b' })]`,
    'path refuses what is no text': `path.join('a', 1)`,
    'url.parse': `return ['http://user:pa%20ss@host.com:8080/p/a?query=s&x=1#hash', '//host/path', 'mailto:a@b.c', '/only/path?x', 'javascript:alert(1)', 'http://a b/c'].map((u) => { try { return Object.entries(url.parse(u)).sort() } catch (e) { return e.code } })`,
    'url.parse with a parsed query': `return url.parse('http://h/?a=1&a=2&b=%C3%BC', true).query`,
    'url.format': `return [url.format({ protocol: 'https', hostname: 'x.y', port: 1, pathname: 'p', query: { a: [1, 2], b: 'ü' } }), url.format(new URL('http://u:p@a.b/c?d#e'), { auth: false, fragment: false, search: false })]`,
    'url.resolve': `return [['/one/two/three', 'four'], ['http://example.com/', '/one'], ['http://example.com/one', '/two'], ['a/b', '../c'], ['http://a/b?c', '?d'], ['http://a/b', '//c/d']].map(([a, b]) => url.resolve(a, b))`,
    'files as URLs': `return [fileURLToPath('file:///a%20b/c'), pathToFileURL('/a b#c?d').href, url.urlToHttpOptions(new URL('http://u:p@h:1/x?y#z'))]`,
    'a URL that is no file': `fileURLToPath('http://x/y')`,
    domains: `return [url.domainToASCII('español.com'), url.domainToUnicode('xn--espaol-zwa.com')]`,
    'querystring.parse': `return ['a=1&b=2&a=3', 'x', '=y', 'a=%zz&b=%C3%BC+c', '&&a=1&', 'a=b=c', '__proto__=1'].map((q) => ({ ...querystring.parse(q) }))`,
    'querystring.parse with options': `return [querystring.parse('a:1;b:2', ';', ':'), querystring.parse('a=1&b=2&c=3', null, null, { maxKeys: 2 }), querystring.parse('a=%41', null, null, { decodeURIComponent: (x) => x.toLowerCase() })]`,
    'querystring.stringify': `return [querystring.stringify({ a: [1, 'x y'], b: 'ü&=', c: true, d: null, e: undefined, f: {}, g: 10n, h: NaN }), querystring.stringify({ a: 1, b: 2 }, ';', ':'), querystring.stringify('x'), querystring.escape('a b!*'), querystring.unescape('%41%zz')]`,
    'querystring.stringify of half a surrogate pair': `querystring.stringify({ a: '\\ud800' })`,
    'string_decoder: utf8': `const d = new StringDecoder(); return [d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac, 0xf0])), d.end(), d.end(Buffer.from('x'))]`,
    'string_decoder: utf8 that is wrong': `return [[0xc3, 0x28], [0xe2, 0x82, 0x41], [0xff], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80]].map((bytes) => { const d = new StringDecoder('utf8'); return bytes.map((byte) => d.write(Buffer.from([byte]))).concat(d.end()) })`,
    'string_decoder: utf16le and base64': `return ['utf16le', 'base64', 'base64url', 'hex', 'latin1', 'ascii'].map((encoding) => { const d = new StringDecoder(encoding); return [...Buffer.from('h€😀!', 'utf16le')].map((byte) => d.write(Buffer.from([byte]))).concat(d.end()).join('') + d.encoding })`,
    'string_decoder: names of encodings': `return ['UTF-8', 'ucs2', 'UCS-2', 'binary', undefined].map((name) => new StringDecoder(name).encoding)`,
    'string_decoder: an unknown encoding': `new StringDecoder('utf-7')`,
    'string_decoder: what is no bytes': `new StringDecoder().write(5)`,
  },
)

test.run()
