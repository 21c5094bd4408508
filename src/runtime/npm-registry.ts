/**
 * What npm's environment must hold to use a registry. npm does not take a login from the address: `USER:PASSWORD@` in
 * it becomes basic authentication, `TOKEN@` alone a token.
 */
export function npmRegistryEnvironment(registry: string): Record<string, string> {
  const url = new URL(registry)
  const { username, password, host, pathname } = url
  if (username === '' && password === '') return { npm_config_registry: registry }
  url.username = ''
  url.password = ''
  const env = { npm_config_registry: url.href }
  const place = `//${host}${pathname.replace(/\/*$/, '/')}`
  const [user, word] = [decodeURIComponent(username), decodeURIComponent(password)]
  return password === ''
    ? { ...env, [`npm_config_${place}:_authToken`]: user }
    : { ...env, [`npm_config_${place}:_auth`]: Buffer.from(`${user}:${word}`).toString('base64') }
}
