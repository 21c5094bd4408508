import * as v from 'valibot'
import type { AppDeps } from '../deps.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { eventStream } from '../event-stream.ts'
import { followLog } from '../log-follower.ts'
import { LogQuery, LogView } from '../schemas/records.ts'
import { existing } from './callbacks.ts'

/** What a callback printed. */
export function logEndpoints(deps: AppDeps): Endpoint[] {
  const { store, observer } = deps
  return [
    endpoint({
      method: 'GET',
      path: '/callbacks/{id}/logs',
      name: 'listLogs',
      tag: 'records',
      summary: 'Read the log of a callback',
      description:
        'Without `follow`: the last lines, or those after an id. With it: the same as server-sent events, and ' +
        'then each line as it is printed. An event has the id of its line, so a client that reconnects with ' +
        '`Last-Event-ID` goes on where it was. An event `note` tells of lines that were dropped.',
      query: LogQuery,
      answer: { schema: v.array(LogView), about: 'Oldest first' },
      otherAnswer: {
        contentType: 'text/event-stream',
        about: 'With `follow`: a stream of lines, see LogLine',
      },
      errors: ['not_found'],
      async handle({ c, id, query }) {
        const callbackId = id('id')
        await existing(store, callbackId, 'read its log')
        if (query.follow) {
          const after = lastEventId(c.req.header('last-event-id')) ?? query.after
          const from = after === undefined ? {} : { after }
          return eventStream(c, deps, () => followLog(deps, { callbackId, backfill: query.limit, ...from }))
        }
        await observer.flush()
        return store.records.logs(callbackId, {
          limit: query.limit,
          ...(query.after === undefined ? {} : { after: query.after }),
        })
      },
    }),
  ]
}

function lastEventId(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
