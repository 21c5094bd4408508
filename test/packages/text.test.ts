// @slow
// @timeout 180
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageSuite } from './cases.ts'

const test = suite('packages: text, pages and databases in memory')

await packageSuite(test, [
  {
    name: 'react',
    dependencies: { react: '19.3.1', 'react-dom': '19.3.1' },
    code: `
      import { Suspense, use, useId, useState } from 'react'
      import { renderToReadableStream, renderToString } from 'react-dom/server.edge'
      function List({ items }: { items: string[] }) {
        const [first] = useState(items[0])
        return <ul id={useId() && 'list'}>{items.map((item) => <li key={item} className={item === first ? 'first' : undefined}>{item}</li>)}</ul>
      }
      function Slow({ text }: { text: Promise<string> }) { return <b>{use(text)}</b> }
      export default async (request: Request) => {
        if (request.url.endsWith('/string')) return new Response(renderToString(<List items={['a', '<b>']} />))
        const text = new Promise<string>((resolve) => setTimeout(resolve, 20, 'late'))
        const stream = await renderToReadableStream(<html><body><Suspense fallback="waiting"><Slow text={text} /></Suspense></body></html>)
        return new Response(stream, { headers: { 'content-type': 'text/html' } })
      }`,
    async check(call) {
      const page = await (await call('/string')).text()
      assert.is(page, '<ul id="list"><li class="first">a</li><li>&lt;b&gt;</li></ul>')
      const streamed = await (await call('/stream')).text()
      assert.match(streamed, 'waiting')
      assert.match(streamed, '<b>late</b>')
      assert.ok(streamed.indexOf('waiting') < streamed.indexOf('<b>late'))
    },
  },
  {
    name: 'sqljs',
    dependencies: { 'sql.js': '1.16.0' },
    code: `
      import initSqlJs from 'sql.js'
      import wasm from 'sql.js/dist/sql-wasm.wasm'
      const SQL = await initSqlJs({
        instantiateWasm(imports, done) {
          WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm))
          return {}
        },
      })
      export default async (request: Request) => {
        const db = new SQL.Database()
        db.run('CREATE TABLE t (n INTEGER, s TEXT)')
        db.run('INSERT INTO t VALUES (1, ?), (2, ?), (3, ?)', ['a', 'b', 'ü'])
        db.create_function('twice', (n: number) => n * 2)
        const statement = db.prepare('SELECT s, twice(n) AS d FROM t WHERE n >= $n ORDER BY n DESC')
        statement.bind({ $n: 2 })
        const rows = []
        while (statement.step()) rows.push(statement.getAsObject())
        const copy = new SQL.Database(db.export())
        let failure = ''
        try { db.exec('SELECT absent FROM t') } catch (error) { failure = error.message }
        return Response.json([rows, copy.exec('SELECT count(*) FROM t')[0].values, failure, wasm instanceof WebAssembly.Module])
      }`,
    async check(call) {
      assert.equal(await (await call('/run')).json(), [
        [
          { s: 'ü', d: 6 },
          { s: 'b', d: 4 },
        ],
        [[3]],
        'no such column: absent',
        true,
      ])
    },
  },
  {
    name: 'cheerio',
    dependencies: { cheerio: '1.2.0' },
    code: `
      import * as cheerio from 'cheerio'
      export default async (request: Request) => {
        const $ = cheerio.load(await request.text())
        $('li').addClass('seen')
        return Response.json([$('a').map((_, a) => $(a).attr('href')).get(), $('li:nth-child(2) > b').text(), $('ul').prop('outerHTML')])
      }`,
    async check(call) {
      const body = '<ul><li><a href="/x">x</a><li><b>bold</ul>'
      assert.equal(await (await call('/run', { method: 'POST', body })).json(), [
        ['/x'],
        'bold',
        '<ul><li class="seen"><a href="/x">x</a></li><li class="seen"><b>bold</b></li></ul>',
      ])
    },
  },
  {
    name: 'marked',
    dependencies: { marked: '18.2.1' },
    code: `
      import { Marked } from 'marked'
      const marked = new Marked({ gfm: true })
      export default async (request: Request) => new Response(await marked.parse(await request.text()))`,
    async check(call) {
      const body = '# Title\n\n- *one*\n- [two](/2)\n\n| a |\n|---|\n| 1 |\n'
      const html = await (await call('/run', { method: 'POST', body })).text()
      assert.match(
        html,
        '<h1>Title</h1>\n<ul>\n<li><em>one</em></li>\n<li><a href="/2">two</a></li>\n</ul>\n<table>',
      )
    },
  },
  {
    name: 'handlebars',
    dependencies: { handlebars: '4.7.10' },
    // Handlebars writes the code of its templates and compiles it with `new Function`.
    code: `
      import Handlebars from 'handlebars'
      Handlebars.registerHelper('shout', (text) => text.toUpperCase() + '!')
      Handlebars.registerPartial('item', '<li>{{this}}</li>')
      const template = Handlebars.compile('<h1>{{shout title}}</h1>{{#each items}}{{> item}}{{else}}none{{/each}}')
      export const handler = async (event) => ({ statusCode: 200, headers: { 'content-type': 'text/html' }, body: template(event.body) })`,
    async check(call) {
      const full = await call('/run', { json: { title: 'hi', items: ['a', '<b>'] } })
      assert.is(await full.text(), '<h1>HI!</h1><li>a</li><li>&lt;b&gt;</li>')
      assert.is(await (await call('/run', { json: { title: 'x' } })).text(), '<h1>X!</h1>none')
    },
  },
])

test.run()
