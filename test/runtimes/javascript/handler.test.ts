import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NoHandler, resolveHandler } from '../../../runtimes/javascript/handler.ts'

const test = suite('finding the handler')

const answers = (namespace: Record<string, unknown>) => {
  const handler = resolveHandler(namespace)
  return [
    handler.kind,
    handler.kind === 'fetch' ? handler.call('request', 'env', 'ctx') : handler.call('event', 'context'),
  ]
}

test('takes the first shape that the contract names', () => {
  const event = (a: string, b: string) => `${a} ${b}`
  const web = (a: string, b: string, c: string) => `${a} ${b} ${c}`
  const all = { default: { fetch: web }, lambda_handler: event, handler: event }
  assert.equal(answers(all), ['fetch', 'request env ctx'])
  assert.equal(answers({ ...all, default: web }), ['fetch', 'request env ctx'])
  assert.equal(answers({ ...all, default: {} }), ['event', 'event context'])
  assert.equal(answers({ lambda_handler: () => 'first', handler: event }), ['event', 'first'])
  assert.equal(answers({ handler: event }), ['event', 'event context'])
  assert.equal(answers({ default: { handler: event } }), ['event', 'event context'])
  assert.equal(answers({ default: { lambda_handler: () => 'first', handler: event } }), ['event', 'first'])
  assert.equal(answers({ lambda_handler: 'no function', handler: event }), ['event', 'event context'])
})

test('a namespace of its own in module.exports', () => {
  assert.equal(answers({ default: { __esModule: true, default: () => 'inner' } }), ['fetch', 'inner'])
  assert.equal(answers({ default: { __esModule: true, handler: () => 'inner' } }), ['event', 'inner'])
})

test('methods keep their object', () => {
  class App {
    name = 'app'
    fetch() {
      return this.name
    }
    handler() {
      return this.name
    }
  }
  assert.equal(answers({ default: new App() }), ['fetch', 'app'])
  const callable = Object.assign(() => 'called', { fetch: () => 'fetched' })
  assert.equal(answers({ default: callable }), ['fetch', 'fetched'])
  assert.equal(answers({ default: { name: 'holder', handler: App.prototype.handler } }), ['event', 'holder'])
})

test('what listens takes calls only where nothing is exported that could', () => {
  const listening = { kind: 'fetch', call: () => 'listened' } as const
  assert.is(resolveHandler({}, listening), listening)
  assert.is(resolveHandler({ default: { __esModule: true } }, listening), listening)
  assert.is(resolveHandler({ default: class {} }, listening), listening)
  assert.is.not(resolveHandler({ handler: () => 'exported' }, listening), listening)
})

test('without a handler it names the shapes and what is there', () => {
  const messageOf = (namespace: Record<string, unknown>) => {
    try {
      resolveHandler(namespace)
    } catch (error) {
      assert.instance(error, NoHandler)
      assert.is((error as NoHandler).code, 'no_handler')
      return (error as NoHandler).message
    }
    throw new Error('a handler was found')
  }
  assert.match(messageOf({}), /lambda_handler\(event, context\).*exports nothing$/)
  assert.match(messageOf({ main: 1, default: { other: 2 } }), /it exports main, default, default\.other$/)
  assert.match(messageOf({ default: class Api {} }), /exports a class by default, export an instance/)
  assert.match(messageOf({ default: null }), /it exports default$/)
})

test.run()
