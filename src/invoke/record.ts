import type { Metrics } from '../observe/metrics.ts'
import type { Observer } from '../observe/observer.ts'
import { type Recorded, rowOf } from './call.ts'

/** Counts every call; keeps a record of each that went badly or cold, and a sample of the rest. */
export function recordCalls(metrics: Metrics, observer: Observer): Recorded {
  return (call, report) => {
    const { total, handler = 0 } = report.phases
    const { name, deployment } = call.target
    metrics.record(name, report.status, call.start, total / 1000, (total - handler) / 1000)
    if (report.note !== undefined)
      observer.log({
        callback_id: deployment.callback_id,
        version: deployment.version,
        instance_id: call.lease?.slot.id ?? '',
        request_id: call.requestId,
        level: 'error',
        time: new Date().toISOString(),
        message: report.note,
      })
    const plain = report.outcome === 'answered' && call.start !== 'cold' && report.status < 500
    if (!plain || observer.samples(deployment.callback_id)) observer.invocation(rowOf(call, report))
  }
}
