// @slow
import { suite } from 'uvu'
import { sameAsNode } from './compare.ts'

const test = suite('the same as in Node: crypto')

sameAsNode(
  test,
  `import crypto, { createHash, createHmac, pbkdf2Sync, pbkdf2, hkdfSync, hkdf, timingSafeEqual, hash } from 'node:crypto'; import { promisify } from 'node:util'`,
  {
    'digests in every form': `return ['hex', 'base64', 'base64url', 'latin1'].map((form) => createHash('sha256').update('é', 'utf8').update(Buffer.from('x')).digest(form)).concat(hash('md5', 'x'), createHash('SHA1').update('616263', 'hex').digest('hex'))`,
    'a digest goes on from a copy': `const first = createHash('sha512').update('a'); const second = first.copy().update('b'); return [first.digest('hex'), second.digest('hex')]`,
    'HMAC with keys of any length': `return ['', 'k', 'k'.repeat(64), 'k'.repeat(300)].map((key) => createHmac('sha384', key).update('data').digest('hex'))`,
    PBKDF2: `return [pbkdf2Sync('password', 'salt', 1, 20, 'sha1').toString('hex'), pbkdf2Sync('p', Buffer.from('s'), 50, 100, 'sha512').toString('hex'), (await promisify(pbkdf2)('password', 'salt', 1000, 32, 'sha256')).toString('hex'), (await promisify(pbkdf2)('p', 's', 3, 16, 'md5')).toString('hex')]`,
    HKDF: `return [Buffer.from(hkdfSync('sha256', 'key', 'salt', 'info', 64)).toString('hex'), Buffer.from(await promisify(hkdf)('sha512', 'key', '', '', 10)).toString('hex')]`,
    comparison: `return [timingSafeEqual(Buffer.from('a'), Buffer.from('a')), timingSafeEqual(Buffer.from('a'), Buffer.from('b'))]`,
    'random values': `const bytes = crypto.randomBytes(8); return [bytes instanceof Buffer, bytes.length, crypto.randomUUID().length, typeof crypto.webcrypto.subtle.digest, crypto.getRandomValues(new Uint8Array(3)).length, (await promisify(crypto.randomInt)(1, 2))]`,
    'the web side': `return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('abc'))).toString('hex')`,
  },
)

test.run()
