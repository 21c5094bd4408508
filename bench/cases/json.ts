import { JSON_PATH, jsonText } from '../functions.ts'
import { startLoadGenerator } from '../load/generator.ts'
import { startGatewaySubject } from '../peers/gateway.ts'
import { startHono } from '../peers/hono.ts'
import { target, valuesOf } from '../results.ts'
import { median, pairwise } from '../stats.ts'
import { checkAnswer, type Load, runTurns, type Turn } from '../turns.ts'
import type { Case } from './case.ts'

const BYTES = 262_144
const CONNECTIONS = 8
const FULL = { rounds: 8, roundMs: 4000, warmUpMs: 4000 }
const QUICK = { rounds: 3, roundMs: 1500, warmUpMs: 2000 }

/** A quarter of a megabyte of JSON, parsed and written again: this gateway and bare Hono, in turns. */
export const json: Case = {
  name: 'json',
  async run(options) {
    await using generator = startLoadGenerator()
    await using gateway = await startGatewaySubject()
    await using hono = await startHono()
    const turns: Turn[] = [
      { label: 'gateway', subject: gateway },
      { label: 'hono', subject: hono },
    ]
    const body = jsonText(BYTES)
    const headers = { 'content-type': 'application/json' }
    const load: Load = {
      path: JSON_PATH,
      method: 'POST',
      headers,
      body,
      connections: CONNECTIONS,
      leadMs: 300,
    }
    for (const { subject } of turns) await checkAnswer(subject, load, body)
    const size = options.quick ? QUICK : FULL
    const rounds = options.rounds ?? size.rounds
    const { series, failures } = await runTurns(turns, generator, load, { ...size, ...options, rounds })
    const rps = (label: string) => valuesOf(series, label, 'rps')
    const ratios = [{ name: 'rps: gateway / hono', values: pairwise(rps('gateway'), rps('hono')) }]
    return {
      about:
        `${Math.round(Buffer.byteLength(body) / 1024)} kB of JSON in, parsed, written and out again, closed loop, ` +
        `${CONNECTIONS} kept-alive connections, ${rounds} rounds in turns of ${size.roundMs / 1000} s each; medians over the rounds`,
      layout: 'rounds',
      series,
      ratios,
      targets: [
        target('256 kB JSON rps, gateway / bare Hono', median(ratios[0]!.values), 'ratio', 'at least', 0.5),
      ],
      failures,
      notes: [],
    }
  },
}
