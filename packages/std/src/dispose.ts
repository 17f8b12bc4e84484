export const disposable = (dispose: () => void): Disposable => ({ [Symbol.dispose]: dispose })
export const asyncDisposable = (dispose: () => Promise<void>): AsyncDisposable => ({ [Symbol.asyncDispose]: dispose })
