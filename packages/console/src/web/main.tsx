import { render } from 'preact'
import { App } from './app.tsx'
import { connectLive } from './state/live.ts'
import { followRoute } from './state/route.ts'
import { takeTokenFromAddress } from './state/token.ts'

takeTokenFromAddress()
followRoute()
connectLive()
const root = document.getElementById('app')
if (root === null) throw new Error('the document has no #app')
render(<App />, root)
