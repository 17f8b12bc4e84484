/** Aedes as its own documentation starts it: `node aedes-server.ts PORT`. */
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

const aedes = await Aedes.createBroker()
createServer(aedes.handle).listen(Number(process.argv[2]), '127.0.0.1')
