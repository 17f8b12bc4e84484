/** paho-mqtt of PyPI against Hawser: `paho_client.py` says what it checks. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../support/hawser-process.ts'
import { start } from '../support/programs.ts'

/** A Python that has paho-mqtt; HAWSER_PYTHON names another than the path's. */
const python = process.env['HAWSER_PYTHON'] ?? 'python3'
const script = fileURLToPath(new URL('paho_client.py', import.meta.url))
const found = spawnSync(python, ['-c', 'import paho.mqtt.client as c; c.CallbackAPIVersion']).status === 0
const skip = found
  ? false
  : 'paho-mqtt 2 is not installed: pip install paho-mqtt, and HAWSER_PYTHON where it is in a venv'

it('paho-mqtt: QoS 0, 1, 2, retained, will and a resumed session, in both versions', { skip }, async () => {
  await using folder = await temporaryFolder()
  await using hawser = await startHawser({ dataDir: `${folder.path}/data` })
  const { code, stdout, stderr } = await start(python, [script, `${hawser.port}`]).finished
  assert.equal(code, 0, stderr)
  assert.equal(stdout.trim(), 'OK')
})
