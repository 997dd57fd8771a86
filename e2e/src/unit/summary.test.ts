import { describe, expect, test } from 'vitest';
import { closingLine, errorLines, failureLines, isGood, tallyReport } from '../runner/summary.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

describe('the sum of a test run', () => {
  test('adds up all files and calls everything that neither passed nor failed skipped', () => {
    const report = {
      testResults: [
        file('passed', 'passed', 'skipped'),
        file('failed', 'failed', 'passed', 'todo', 'pending'),
      ],
    };
    expect(tallyReport(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 3 });
  });

  test('counts a file that did not load as one failure', () => {
    expect(tallyReport({ testResults: [file('failed'), file('passed', 'passed')] }, 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  test('counts a file whose hook failed beside passed tests as one failure', () => {
    expect(tallyReport({ testResults: [file('failed', 'passed')] }, 1).failed).toBe(1);
  });

  test('is not good when the runner died without a report', () => {
    const tally = tallyReport(undefined, 255);
    expect(tally).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(isGood(tally)).toBe(false);
  });

  test('is not good when nothing ran', () => {
    expect(isGood(tallyReport({ testResults: [] }, 0))).toBe(false);
    expect(isGood(tallyReport({ testResults: [file('passed', 'skipped')] }, 0))).toBe(false);
  });

  test('counts an error outside any test as a failure', () => {
    expect(tallyReport({ testResults: [file('passed', 'passed')] }, 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  test('has a closing line that is always the same shape', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 1 })).toBe('tests: 3 passed, 0 failed, 1 skipped');
  });
});

describe('the failures of a run', () => {
  const file = { name: '/src/a.test.ts', status: 'failed' };

  test('are named by file, test and the first line of what they said', () => {
    const assertionResults = [
      { status: 'passed', fullName: 'holds' },
      {
        status: 'failed',
        fullName: 'counts to two',
        failureMessages: ['expected 1 to be 2\n at a.test.ts:3'],
      },
    ];
    expect(failureLines({ testResults: [{ ...file, assertionResults }] })).toEqual([
      'failed: /src/a.test.ts > counts to two: expected 1 to be 2',
    ]);
  });

  test('name a file that did not load', () => {
    expect(
      failureLines({ testResults: [{ ...file, message: 'no such module', assertionResults: [] }] }),
    ).toEqual(['failed: /src/a.test.ts > did not run: no such module']);
  });

  test('name what went wrong outside of any test', () => {
    expect(
      errorLines(['Worker forks emitted error. Worker exited unexpectedly with signal SIGSEGV']),
    ).toEqual([
      'failed: the run > outside of any test: Worker forks emitted error. Worker exited unexpectedly with signal SIGSEGV',
    ]);
    expect(errorLines([])).toEqual([]);
    expect(errorLines(undefined)).toEqual([]);
  });

  test('are none where nothing failed or nothing was reported', () => {
    expect(failureLines(undefined)).toEqual([]);
    expect(failureLines({ testResults: [{ name: 'b', status: 'passed' }] })).toEqual([]);
  });
});
