import { describe, expect, it } from 'vitest';
import { defaultLimits } from './chart.ts';
import { jailedCommand, jailsOn } from './jail.ts';

describe('the command of a jail', () => {
  const args = ['template', '{dir}/chart'];

  it('gives helm its directory as the root of everything where the system can do that', () => {
    const [tight] = jailsOn('linux');
    const { args: line } = jailedCommand(tight!, '/tmp/a', defaultLimits, args);
    expect(line).toContain('--net');
    expect(line.slice(line.indexOf('--root'))).toEqual([
      '--root',
      '/tmp/a',
      '--wd',
      '/',
      '/helm',
      'template',
      '/chart',
    ]);
  });

  it('limits processor time everywhere and memory on Linux', () => {
    const script = (platform: string) => {
      const loosest = jailsOn(platform).at(-1);
      return jailedCommand(loosest!, '/tmp/a', { ...defaultLimits, timeMs: 2_500 }, args).args[1];
    };
    expect(script('linux')).toBe('ulimit -c 0 && ulimit -t 3 && ulimit -d 524288 && exec "$@"');
    expect(script('darwin')).toBe('ulimit -c 0 && ulimit -t 3 && exec "$@"');
  });

  it('passes on nothing of the environment, and proxies that lead nowhere', () => {
    for (const jail of jailsOn('linux')) {
      const { environment } = jailedCommand(jail, '/tmp/a', defaultLimits, args);
      expect(environment).toMatchObject({ TZ: 'UTC', HTTPS_PROXY: 'http://127.0.0.1:9' });
      const home = `${jail.files ? '' : '/tmp/a'}/home`;
      for (const name of ['HOME', 'KUBECONFIG', 'HELM_PLUGINS', 'HELM_CONFIG_HOME'])
        expect(environment[name]).toMatch(new RegExp(`^${home}`));
    }
  });
});
