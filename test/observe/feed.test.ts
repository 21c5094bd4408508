import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DeployMessage } from '../../src/deploy/deployer.ts'
import { createFeed } from '../../src/observe/feed.ts'

const test = suite('the deploy feed')
const message = (text: string): DeployMessage => ({ type: 'log', callback_id: 1, message: text })

test('every listener hears every message, in order, until it leaves', () => {
  const feed = createFeed()
  const first: string[] = []
  const second: string[] = []
  const leave = feed.subscribe((each) => first.push(each.message))
  feed.subscribe((each) => second.push(each.message))
  feed.publish(message('a'))
  leave()
  leave()
  feed.publish(message('b'))
  assert.equal(first, ['a'])
  assert.equal(second, ['a', 'b'])
})

test('a listener that throws or leaves while it listens harms no other', () => {
  const feed = createFeed()
  const heard: string[] = []
  const leave = feed.subscribe(() => {
    leave()
    throw new Error('a broken listener')
  })
  feed.subscribe((each) => heard.push(each.message))
  feed.publish(message('a'))
  feed.publish(message('b'))
  assert.equal(heard, ['a', 'b'])
})

test('one function may listen twice', () => {
  const feed = createFeed()
  let count = 0
  const listener = () => {
    count++
  }
  const leave = feed.subscribe(listener)
  feed.subscribe(listener)
  feed.publish(message('a'))
  assert.is(count, 2)
  leave()
  feed.publish(message('b'))
  assert.is(count, 3)
})

test.run()
