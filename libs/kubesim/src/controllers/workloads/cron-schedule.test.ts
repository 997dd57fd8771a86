import { describe, expect, test } from 'vitest';
import { missedSince, parseSchedule } from './cron-schedule.ts';
import { zonedTime } from './zoned-time.ts';

const ms = (time: string) => Date.parse(time);
const nextOf = (schedule: string, after: string, zone?: string) => {
  const next = parseSchedule(schedule, zone)?.next(ms(after));
  return next === undefined ? undefined : new Date(next).toISOString();
};

describe('a schedule', () => {
  test.each([
    ['*/15 * * * *', '2026-11-28T10:01:00Z', '2026-11-28T10:15:00.000Z'],
    ['0 3 * * 1-5', '2026-11-27T04:00:00Z', '2026-11-30T03:00:00.000Z'],
    ['@hourly', '2026-11-28T10:00:00Z', '2026-11-28T11:00:00.000Z'],
    ['@every 90m', '2026-11-28T10:00:00.500Z', '2026-11-28T11:30:00.000Z'],
    ['TZ=Asia/Tokyo 0 9 * * *', '2026-11-28T10:00:00Z', '2026-11-29T00:00:00.000Z'],
    ['5/10 * * * *', '2026-11-28T10:01:00Z', '2026-11-28T10:05:00.000Z'],
    ['5/10 * * * *', '2026-11-28T10:55:00Z', '2026-11-28T11:05:00.000Z'],
    ['*/90 * * * *', '2026-11-28T10:01:00Z', '2026-11-28T11:00:00.000Z'],
    ['0 0 */40 * *', '2026-11-28T10:01:00Z', '2026-12-01T00:00:00.000Z'],
    [',7,,9 +3 *-2 * *', '2026-11-28T10:01:00Z', '2026-11-29T03:07:00.000Z'],
    ['0 0 */2 * 1', '2026-11-28T00:00:00Z', '2026-12-07T00:00:00.000Z'],
    ['@every -1h', '2026-11-28T10:00:00Z', '2026-11-28T10:00:01.000Z'],
    ['@every +2s', '2026-11-28T10:00:00Z', '2026-11-28T10:00:02.000Z'],
    ['0 12 ? * SUN', '2026-11-28T10:00:00Z', '2026-11-29T12:00:00.000Z'],
  ])('%s after %s is %s', (schedule, after, next) => {
    expect(nextOf(schedule, after)).toBe(next);
  });

  test('takes a day of the month or of the week when both are given', () => {
    expect(nextOf('0 0 1 * 1', '2026-11-28T00:00:00Z')).toBe('2026-11-30T00:00:00.000Z');
    expect(nextOf('0 0 1 * 1', '2026-11-30T00:00:00Z')).toBe('2026-12-01T00:00:00.000Z');
  });

  test('keeps to the time of day of its zone over the change of clocks', () => {
    expect(nextOf('0 3 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T02:00:00.000Z');
    expect(nextOf('0 3 * * *', '2026-10-24T00:00:00Z', 'Europe/Berlin')).toBe('2026-10-24T01:00:00.000Z');
  });

  test.each(['* * *', '61 * * * *', '@every soon'])('%s is none', (text) => {
    expect(parseSchedule(text, undefined)).toBeUndefined();
  });

  test('in a zone that does not exist is none', () => {
    expect(parseSchedule('* * * * *', 'Mars/Base')).toBeUndefined();
  });
});

describe('what was missed', () => {
  const hourly = parseSchedule('0 * * * *', undefined) ?? { next: () => undefined };

  test('is nothing before the first time', () => {
    expect(missedSince(hourly, ms('2026-11-28T10:00:00Z'), ms('2026-11-28T10:59:59Z'))).toBeUndefined();
  });

  test('is the latest time only', () => {
    const missed = missedSince(hourly, ms('2026-11-28T10:00:00Z'), ms('2026-11-28T15:30:00Z'));
    expect(missed).toEqual({ atMs: ms('2026-11-28T15:00:00Z'), many: false });
  });

  test('is many after more than a hundred', () => {
    const missed = missedSince(hourly, ms('2026-11-20T10:00:00Z'), ms('2026-11-28T15:30:00Z'));
    expect(missed).toEqual({ atMs: ms('2026-11-28T15:00:00Z'), many: true });
  });
});

test.each([
  ['UTC', '2026-11-28T04:02:00Z'],
  ['Europe/Berlin', '2026-11-28T05:02:00+01:00'],
  ['America/St_Johns', '2026-11-28T00:32:00-03:30'],
])('a time in %s is written as %s', (zone, text) => {
  expect(zonedTime(ms('2026-11-28T04:02:00Z'), zone)).toBe(text);
});
