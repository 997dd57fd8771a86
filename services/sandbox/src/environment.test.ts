import { expect, test } from 'vitest';
import { childEnvironment } from './environment.ts';

test('children get the shell of the user, not what belongs to npm, git, tests or another Meridian', () => {
  const env = {
    PATH: '/bin',
    HOME: '/h',
    npm_config_x: '1',
    GIT_DIR: '/g',
    NODE_OPTIONS: '--x',
    MERIDIAN_API: 'u',
    MERIDIAN_OTLP_URL: 'o',
    KUBECONFIG: 'k',
    EMPTY: undefined,
  };
  expect(childEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/h', MERIDIAN_OTLP_URL: 'o' });
});
