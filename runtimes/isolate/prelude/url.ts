import { URL, URLSearchParams } from 'whatwg-url'
import { exposeShaped } from './define.ts'

exposeShaped({ URL, URLSearchParams })

export { URL, URLSearchParams }
