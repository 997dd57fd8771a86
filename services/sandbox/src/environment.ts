const passedOn = new Set(['MERIDIAN_OTLP_URL', 'MERIDIAN_LOG_LEVEL']);
const dropped = [
  /^npm_/,
  /^GIT_/,
  /^MERIDIAN_/,
  /^VITEST/,
  /^NODE_OPTIONS$/,
  /^NODE_CHANNEL_/,
  /^KUBECONFIG$/,
];

/** The environment for a child: what the user's shell has, without what belongs to npm, git, tests or another Meridian. */
export function childEnvironment(env: NodeJS.ProcessEnv): { [name: string]: string } {
  const kept = Object.entries(env).filter(
    ([name]) => passedOn.has(name) || !dropped.some((pattern) => pattern.test(name)),
  );
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
