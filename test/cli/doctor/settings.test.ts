import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsCheck } from '../../../src/cli/doctor/checks/settings.ts'
import { look, only } from './look.ts'

const test = suite('the doctor on settings')
const at = (settings: Record<string, string>) => look('/nowhere', settings, (here) => [settingsCheck(here)])

test('defaults are fine', async () => {
  const findings = await at({})
  assert.equal(
    findings.map(({ id, status }) => `${id} ${status}`),
    ['settings ok'],
  )
  assert.is(only(findings, 'settings').facts.admin_token, false)
})

test('each wrong one is a finding, and the rest is read all the same', async () => {
  const findings = await at({ FAAS_PORT: '99999', FAAS_EGRESS: 'some', FAAS_HOST: '127.0.0.2' })
  assert.is(only(findings, 'settings').status, 'fail')
  assert.equal(only(findings, 'settings').facts.wrong, ['FAAS_PORT', 'FAAS_EGRESS'])
  assert.is(only(findings, 'settings').facts.host, '127.0.0.2')
  const port = only(findings, 'settings.FAAS_PORT')
  assert.is(port.summary, 'FAAS_PORT must be a whole number from 0 to 65535: it is "99999"')
  assert.is(port.remedy, 'correct FAAS_PORT or unset it, then its default holds')
})

test('a wrong token is not shown', async () => {
  const findings = await at({ FAAS_NPM_REGISTRY: 'ftp://me:hush-hush@host/', FAAS_ADMIN_TOKEN: 'hush-admin' })
  assert.not.match(JSON.stringify(findings), /hush/)
  assert.is(only(findings, 'settings.FAAS_NPM_REGISTRY').status, 'fail')
  assert.is(only(findings, 'settings').facts.admin_token, true)
})

test('a name that is none is a warning with the nearest one', async () => {
  const findings = await at({ FAAS_PROT: '1' })
  const finding = only(findings, 'settings.FAAS_PROT')
  assert.is(finding.status, 'warn')
  assert.match(finding.summary, /FAAS_PORT/)
})

test('open to others without a token is a failure, and a warning where that was wanted', async () => {
  const open = only(await at({ FAAS_HOST: '0.0.0.0' }), 'settings.FAAS_HOST')
  assert.is(open.status, 'fail')
  assert.match(open.summary, /others can reach/)
  assert.match(open.remedy ?? '', /^set FAAS_ADMIN_TOKEN/)
  const wanted = await at({ FAAS_HOST: '0.0.0.0', FAAS_INSECURE: '1' })
  assert.is(only(wanted, 'settings').status, 'ok')
  assert.is(only(wanted, 'settings.FAAS_INSECURE').status, 'warn')
  const local = await at({ FAAS_INSECURE: '1' })
  assert.equal(
    local.map(({ status }) => status),
    ['ok'],
  )
  const guarded = await at({ FAAS_HOST: '0.0.0.0', FAAS_ADMIN_TOKEN: 'hush-admin' })
  assert.equal(
    guarded.map(({ status }) => status),
    ['ok'],
  )
})

test.run()
