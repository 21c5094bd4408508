/**
 * The script of the page at /docs. Whatever it shows goes in as text, never as markup, so no description and no
 * answer can become part of the page.
 */
export const SCRIPT = `
'use strict';
const $ = (id) => document.getElementById(id);
const el = (tag, props, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};
let api = null;
const headers = () => {
  const token = sessionStorage.getItem('token');
  return token ? { authorization: 'Bearer ' + token } : {};
};
const resolve = (schema) => {
  if (!schema || !schema.$ref) return schema || {};
  return resolve(api.components.schemas[schema.$ref.split('/').pop()]);
};
const typeOf = (schema) => {
  const known = resolve(schema);
  if (known.const !== undefined) return JSON.stringify(known.const);
  if (known.enum) return known.enum.map((word) => JSON.stringify(word)).join(' | ');
  const options = known.anyOf || known.oneOf;
  if (options) return options.map(typeOf).join(' | ');
  if (known.type === 'array') return 'list of ' + typeOf(known.items);
  const range = known.minimum !== undefined && known.maximum < 1e15 ? ' ' + known.minimum + ' to ' + known.maximum : '';
  return (known.type || 'anything') + range;
};
const example = (schema, depth) => {
  const known = resolve(schema);
  if (known.examples) return known.examples[0];
  if (known.default !== undefined) return known.default;
  if (known.enum) return known.enum[0];
  if (known.const !== undefined) return known.const;
  const options = known.anyOf || known.oneOf;
  if (options) return example(options[0], depth);
  if (known.type === 'object') {
    const needed = known.required || [];
    const entries = Object.entries(known.properties || {}).filter(([name]) => depth > 0 || needed.includes(name));
    return Object.fromEntries(entries.map(([name, part]) => [name, example(part, depth + 1)]));
  }
  if (known.type === 'array') return [];
  if (known.type === 'integer' || known.type === 'number') return Math.max(known.minimum || 0, 1);
  return known.type === 'boolean' ? true : 'text';
};
const fieldsTable = (schema) => {
  const known = resolve(schema);
  if (known.type === 'array') return fieldsTable(known.items);
  if (!known.properties) return el('p', { className: 'words', textContent: typeOf(known) });
  const rows = Object.entries(known.properties).map(([name, part]) => el('tr', {},
    el('td', {}, el('code', { textContent: name })),
    el('td', { textContent: typeOf(part) + ((known.required || []).includes(name) ? '' : ', optional') }),
    el('td', { textContent: resolve(part).description || '' })));
  const head = el('tr', {}, ...['Field', 'Type', 'About'].map((title) => el('th', { scope: 'col', textContent: title })));
  return el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows));
};
const show = async (output, method, url, body) => {
  output.replaceChildren('…');
  const began = performance.now();
  try {
    const options = { method, headers: headers() };
    if (body !== null) {
      options.body = body;
      options.headers['content-type'] = 'application/json';
    }
    const response = await fetch(url, options);
    const ms = Math.round(performance.now() - began);
    const line = el('p', { className: response.ok ? '' : 'bad', textContent: response.status + ' ' + response.statusText + ', ' + ms + ' ms' });
    const lines = [...response.headers].map(([name, value]) => name + ': ' + value).join('\\n');
    const shown = el('pre', { tabIndex: 0 });
    output.replaceChildren(line, el('details', {}, el('summary', { textContent: 'Headers' }), el('pre', { textContent: lines })), shown);
    const isStream = (response.headers.get('content-type') || '').startsWith('text/event-stream');
    if (isStream) return void stream(response, shown, output);
    const text = await response.text();
    try { shown.textContent = JSON.stringify(JSON.parse(text), null, 2); } catch { shown.textContent = text; }
  } catch (error) {
    output.replaceChildren(el('p', { className: 'bad', textContent: String(error) }));
  }
};
const stream = async (response, shown, output) => {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const stop = el('button', { type: 'button', textContent: 'Stop', onclick: () => reader.cancel() });
  output.append(stop);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    shown.textContent = (shown.textContent + part.value).slice(-100000);
  }
  stop.remove();
};
const tryForm = (method, path, operation) => {
  const inputs = (operation.parameters || []).map((parameter) => {
    const id = operation.operationId + '-' + parameter.name;
    const input = el('input', { id, required: parameter.required === true, placeholder: typeOf(parameter.schema) });
    const about = parameter.description ? el('small', { textContent: parameter.description }) : null;
    const field = el('div', { className: 'field' }, el('label', { htmlFor: id, textContent: parameter.name }), input, about);
    return { parameter, input, field };
  });
  const content = operation.requestBody && operation.requestBody.content;
  const schema = content && (content['application/json'] || {}).schema;
  const body = content ? el('textarea', { ariaLabel: 'Body', spellcheck: false, value: schema ? JSON.stringify(example(schema, 0), null, 2) : '' }) : null;
  const output = el('div', { ariaLive: 'polite' });
  const form = el('form', {}, el('h3', { textContent: 'Try it' }), ...inputs.map(({ field }) => field), body, el('p', {}, el('button', { textContent: 'Send' })), output);
  form.onsubmit = (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const { parameter, input } of inputs) {
      const encode = path.startsWith('/api/') ? encodeURI : encodeURIComponent;
      if (parameter.in === 'path') url = url.replace('{' + parameter.name + '}', encode(input.value));
      else if (input.value !== '') query.set(parameter.name, input.value);
    }
    const text = query.toString();
    show(output, method.toUpperCase(), url + (text ? '?' + text : ''), body ? body.value : null);
  };
  return form;
};
const details = (method, path, operation) => {
  const parts = [];
  if (operation.description) parts.push(el('p', { textContent: operation.description }));
  const body = operation.requestBody && operation.requestBody.content['application/json'];
  if (body) parts.push(el('h3', { textContent: 'Body' }), fieldsTable(body.schema));
  const answer = operation.responses[200];
  const json = answer && answer.content['application/json'];
  if (answer) parts.push(el('h3', { textContent: 'Answer' }), el('p', { className: 'words', textContent: answer.description }));
  if (json) parts.push(fieldsTable(json.schema));
  const others = Object.entries(operation.responses).filter(([status]) => status !== '200');
  const rows = others.map(([status, response]) => el('tr', {}, el('td', { textContent: status }), el('td', { textContent: response.description })));
  parts.push(el('h3', { textContent: 'Other answers' }), el('table', {}, el('tbody', {}, ...rows)), tryForm(method, path, operation));
  return el('div', {}, ...parts);
};
const entry = (method, path, operation) => {
  const summary = el('summary', {},
    el('span', { className: 'method', textContent: method.toUpperCase() }),
    el('span', { className: 'path', textContent: path }),
    el('span', { className: 'words', textContent: operation.summary }));
  const node = el('details', { className: 'operation' }, summary);
  node.dataset.words = (method + ' ' + path + ' ' + operation.summary).toLowerCase();
  node.ontoggle = () => { if (node.open && node.children.length === 1) node.append(details(method, path, operation)); };
  return node;
};
const render = () => {
  $('version').textContent = api.info.version;
  $('about').textContent = api.info.description;
  const all = Object.entries(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })));
  const sections = api.tags.map((tag) => el('section', {}, el('h2', { textContent: tag.name }), el('p', { textContent: tag.description }),
    ...all.filter(({ operation }) => operation.tags.includes(tag.name)).map(({ method, path, operation }) => entry(method, path, operation))));
  $('operations').replaceChildren(...sections);
};
const load = async () => {
  const response = await fetch('/openapi.json', { headers: headers() });
  if (response.ok) {
    api = await response.json();
    $('state').textContent = sessionStorage.getItem('token') ? 'The token is used.' : '';
    return render();
  }
  const problem = await response.json();
  $('state').textContent = response.status === 401 ? 'This gateway asks for its admin token.' : problem.detail;
  $('token').focus();
};
$('access').onsubmit = (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', $('token').value);
  $('token').value = '';
  load();
};
$('filter').oninput = () => {
  const words = $('filter').value.toLowerCase().split(/\\s+/);
  for (const node of document.querySelectorAll('details.operation')) {
    node.hidden = !words.every((word) => node.dataset.words.includes(word));
  }
};
load();
`
