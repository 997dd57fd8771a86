import { z } from 'zod';
import { durationToMs } from './duration.ts';
import { namePattern } from './names.ts';
import { selector } from './selector-schema.ts';
import { longestWindowMs, scheduleOf } from './window.ts';

const duration = z
  .string()
  .refine((text) => {
    const ms = durationToMs(text);
    return ms !== undefined && ms >= 60_000 && ms <= longestWindowMs;
  }, 'must be a duration from 1m to 31d, such as 9h')
  .describe('How long it stays open each time, from 1m to 31d.');

/** A time window of a rollout strategy. */
export const windowSchema = z
  .strictObject({
    name: z.string().regex(namePattern).describe('Says in messages which window it is.'),
    kind: z
      .enum(['allow', 'deny'])
      .describe(
        'deny: nothing is pushed while it is open. allow: something is pushed only while one of the allow windows of the cluster is open.',
      ),
    schedule: z.string().max(200).describe("When it opens: five fields of cron, such as '0 8 * * 1-5'."),
    duration,
    timeZone: z.string().max(64).optional().describe('IANA name such as Europe/Berlin. Default UTC.'),
    clusters: selector.optional().describe('Which clusters it is about. Default all.'),
  })
  .superRefine(({ schedule, timeZone }, context) => {
    const wrong = (path: string, text: string) =>
      context.addIssue({ code: 'custom', path: [path], message: text });
    try {
      scheduleOf(schedule, 'UTC');
    } catch {
      wrong('schedule', "must be five fields of cron, such as '0 8 * * 1-5' or '0 22 * * FRI'");
      return;
    }
    try {
      scheduleOf(schedule, timeZone ?? 'UTC');
    } catch {
      wrong('timeZone', 'must be the IANA name of a time zone, such as Europe/Berlin or UTC');
    }
  });
