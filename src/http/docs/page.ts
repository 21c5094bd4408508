import { createHash } from 'node:crypto'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

/** The page at /docs: it is whole in itself and reads /openapi.json. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Function gateway API</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#operations">Skip to the operations</a>
<header>
<h1>Function gateway <small id="version"></small></h1>
<p id="about"></p>
<form id="access">
<label for="token">Admin token</label>
<input id="token" type="password" autocomplete="off" spellcheck="false" placeholder="only where one is set">
<button>Use</button>
<output id="state" role="status"></output>
</form>
<label class="filter" for="filter">Find <input id="filter" type="search" placeholder="path or words"></label>
</header>
<main id="operations" tabindex="-1"><noscript>This page needs JavaScript; /openapi.json is the same for programs.</noscript></main>
<script>${SCRIPT}</script>
</body>
</html>
`

/** Nothing but the page's own style and script runs, and it talks to its own origin alone. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(STYLE)}`,
  'img-src data:',
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
