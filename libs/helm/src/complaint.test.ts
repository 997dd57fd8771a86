import { describe, expect, it } from 'vitest';
import { complaintError, isExhausted } from './complaint.ts';

describe('what helm complains of', () => {
  it('is told at the template and the line that it names, below the chart as it lies in the repository', () => {
    const said =
      'Error: execution error at (web/charts/below/templates/a.yaml:7:3): name the model\n\nUse --debug flag to render out invalid YAML\n';
    expect(complaintError('apps/web', said)).toMatchObject({
      file: 'apps/web/charts/below/templates/a.yaml',
      line: 7,
      message: expect.stringContaining('name the model'),
    });
  });

  it('is told at the chart when it names no file', () => {
    expect(complaintError('apps/web', 'Error: chart requires kubeVersion: >=1.99.0\n')).toMatchObject({
      file: 'apps/web',
      message: 'helm: chart requires kubeVersion: >=1.99.0',
    });
  });

  it('is told in one line of bounded length, and with words of ours for memory and silence', () => {
    const { message } = complaintError('apps/web', `warning: x\nError: a\n${'b '.repeat(2_000)}`);
    expect(message).toMatch(/^helm: a b b/);
    expect(message.length).toBeLessThan(700);
    const fatal = 'fatal error: runtime: out of memory\n\nruntime stack:\ngoroutine 1 [running]\n';
    expect(complaintError('apps/web', fatal).message).toContain('more memory than it may');
    expect(complaintError('apps/web', '').message).toContain('without a word');
  });
});

describe('what ended helm', () => {
  it('was a limit when memory or processor time ran out, or when it was killed from outside', () => {
    const isLimit = (complaint: string, code = 2) => isExhausted({ code, complaint });
    expect(isLimit('fatal error: runtime: cannot allocate memory\n')).toBe(true);
    expect(isLimit('SIGXCPU: CPU time limit exceeded\nPC=0x1\n')).toBe(true);
    expect(isLimit('', -1)).toBe(true);
    expect(isLimit('Error: the value memory must name an amount\n', 1)).toBe(false);
  });
});
