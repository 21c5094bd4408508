import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EventStreamParser, type StreamedEvent } from '../../../runtimes/javascript/event-stream.ts'

const test = suite('reading an event stream')

function read(pieces: readonly string[], lastId = '') {
  const events: StreamedEvent[] = []
  const retries: number[] = []
  const parser = new EventStreamParser(
    lastId,
    (event) => events.push(event),
    (milliseconds) => retries.push(milliseconds),
  )
  for (const piece of pieces) parser.push(piece)
  return { events, retries, lastEventId: parser.lastEventId }
}

const message = (data: string, lastEventId = '', type = 'message') => ({ type, data, lastEventId })

test('fields, in every spelling', () => {
  const text =
    ': remark\nevent: named\nid: 1\ndata: a\ndata:b\ndata\n\ndata:  two spaces\nunknown: x\n\nid\ndata: c\n\n'
  assert.equal(read([text]).events, [
    message('a\nb\n', '1', 'named'),
    message(' two spaces', '1'),
    message('c', ''),
  ])
})

test('all line ends, wherever the pieces are cut', () => {
  const text = 'data: one\r\n\r\ndata: two\r\rdata: three\n\ndata: four\r\n\ndata: five\r\ndata: six\r\n\r\n'
  const expected = ['one', 'two', 'three', 'four', 'five\nsix'].map((data) => message(data))
  assert.equal(read([text]).events, expected)
  assert.equal(read([...text]).events, expected)
  for (let cut = 1; cut < text.length; cut++)
    assert.equal(read([text.slice(0, cut), text.slice(cut)]).events, expected, `cut at ${cut}`)
})

test('an event without data is none, but its id counts', () => {
  const { events, lastEventId } = read(['event: empty\nid: 9\n\ndata: x\n\n'])
  assert.equal(events, [message('x', '9')])
  assert.is(lastEventId, '9')
})

test('an event that is not whole at the end is lost, its id too', () => {
  const { events, lastEventId } = read(['id: 3\ndata: kept\n\nid: 4\ndata: lost\n'], '2')
  assert.equal(events, [message('kept', '3')])
  assert.is(lastEventId, '3')
})

test('an id with a zero character is ignored, a retry that is no number too', () => {
  const { events, retries } = read(['id: a\0b\nretry: 50\nretry: 5x\nretry:\ndata: x\n\n'], 'before')
  assert.equal(events, [message('x', 'before')])
  assert.equal(retries, [50])
})

test.run()
