export { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts'
export { type Mosquitto, skipWithoutMosquitto, startMosquitto } from './mosquitto.ts'
export { Observer, type Seen } from './observer.ts'
