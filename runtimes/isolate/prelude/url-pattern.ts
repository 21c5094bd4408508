import { URLPattern } from 'urlpattern-polyfill/urlpattern'
import { exposeInterfaces } from './define.ts'

exposeInterfaces({ URLPattern })
