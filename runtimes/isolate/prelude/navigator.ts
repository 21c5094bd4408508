import { expose, exposeInterfaces } from './define.ts'

const TOKEN = Symbol('Navigator')
let product = 'faas-gateway'

/** Names the runtime in the user agent. */
export function describeNavigator(runtime: string): void {
  product = `faas-gateway-${runtime}`
}

/** https://min-common-api.proposal.wintertc.org/#navigator-useragent-requirements */
export class Navigator {
  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
  }

  get userAgent(): string {
    return product
  }
  get hardwareConcurrency(): number {
    return 1
  }
  get language(): string {
    return 'en'
  }
  get languages(): readonly string[] {
    return ['en']
  }
}

exposeInterfaces({ Navigator })
expose('navigator', new Navigator(TOKEN), true)
expose('self', globalThis, true)
