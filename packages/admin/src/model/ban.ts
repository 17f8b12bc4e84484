/** Who is not let in, and what became of a reload. */
import * as z from 'zod'

const target = {
  kind: z.enum(['client-id', 'username', 'address']),
  value: z.string().min(1).max(65_535).describe('For an address: one, or a CIDR block as 10.0.0.0/8'),
}

const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
const isTarget = ({ kind, value }: { kind: string; value: string }): boolean =>
  kind !== 'address' || address.safeParse(value).success
const noAddress = { message: 'an IP address, or a block as 10.0.0.0/8', path: ['value'] }

export const banTargetSchema = z.object(target).refine(isTarget, noAddress).meta({ id: 'BanTarget' })

export const banCommandSchema = z
  .object({
    ...target,
    reason: z.string().max(500).default(''),
    seconds: z.int().min(1).optional().describe('Left out: until it is taken back'),
  })
  .refine(isTarget, noAddress)
  .meta({ id: 'BanCommand' })

export const banSchema = z
  .object({
    ...target,
    reason: z.string(),
    by: z.enum(['operator', 'flapping']),
    createdAtMs: z.number(),
    expiresAtMs: z.number().nullable(),
  })
  .meta({ id: 'Ban' })

export const bansSchema = z.object({ bans: z.array(banSchema) }).meta({ id: 'Bans' })

export const reloadReportSchema = z
  .object({
    changed: z.array(z.string()).describe('What is in force now and was not'),
    needsRestart: z.array(z.string()).describe('What differs and stays as it was until a restart'),
    faults: z.array(z.string()).describe('Files that could not be read again: their old content stays in force'),
  })
  .meta({ id: 'ReloadReport' })

export type BanTarget = z.infer<typeof banTargetSchema>
export type BanCommand = z.infer<typeof banCommandSchema>
export type Ban = z.infer<typeof banSchema>
export type ReloadReport = z.infer<typeof reloadReportSchema>
