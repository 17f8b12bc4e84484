import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { factorySpecification } from '@hawser/streams'
import { defaultConfiguration } from '../config/configuration.ts'
import { openSpecifications } from './specifications.ts'

const opened = (kpis: readonly string[]) => openSpecifications({ ...defaultConfiguration, kpis })

describe('KPI specifications', () => {
  it('are the built-in one where none is named', async () => assert.deepEqual(await opened([]), [factorySpecification]))

  it('are read from files, each name and version once', async () => {
    await using folder = await temporaryFolder()
    const file = async (name: string, version: number): Promise<string> => {
      const path = join(folder.path, name)
      await writeFile(path, JSON.stringify({ ...factorySpecification.data, version }))
      return path
    }
    const [first, second, again] = await Promise.all([file('a.json', 1), file('b.json', 2), file('c.json', 1)])
    assert.deepEqual(
      (await opened([first, second])).map(({ version }) => version),
      [1, 2],
    )
    await assert.rejects(opened([first, second, again]), /factory version 1 is given twice/)
    await assert.rejects(opened([join(folder.path, 'absent.json')]), { code: 'CONFIG_INVALID' })
  })
})
