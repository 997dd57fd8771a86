import { expect, it } from 'vitest';
import { scheduleProblem } from './cron-schedule.ts';

it.each([
  '* * * * *',
  '*/5 0-6 1,15 jan-mar MON',
  '5/15 * ? * *',
  '@hourly',
  '@every 1h30m',
  'TZ=UTC 0 0 * * *',
])('takes %s', (schedule) => {
  expect(scheduleProblem(schedule)).toBeUndefined();
});

it.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
  ['TZ=Mars/Base * * * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
])('says what is wrong with %s', (schedule, problem) => {
  expect(scheduleProblem(schedule)).toBe(problem);
});
