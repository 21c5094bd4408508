import { URL, URLSearchParams } from 'whatwg-url'
import machine from 'whatwg-url/lib/url-state-machine.js'
import { exposeShaped } from './define.ts'
import { parsePlainUrl } from './plain-url.ts'

const parse = machine.basicURLParse

// The library looks its parser up each time: the plain case goes first.
machine.basicURLParse = (input, options) => {
  const relative = options !== undefined && (options.baseURL || options.url || options.stateOverride)
  return (relative ? null : parsePlainUrl(input)) ?? parse(input, options)
}

exposeShaped({ URL, URLSearchParams })

export { URL, URLSearchParams }
