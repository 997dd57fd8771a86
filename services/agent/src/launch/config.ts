/** Where an agent keeps its state on disk unless it is told. */
export const defaultDataDir = '/var/lib/meridian';

/** What is needed before the real configuration is loaded, which costs memory that a process about to be replaced should not take. */
export interface LaunchConfig {
  readonly env: { readonly [name: string]: string | undefined };
  readonly dataDir: string;
}

/** Reads the environment; checks nothing, the agent's own configuration does that. */
export function loadLaunchConfig(): LaunchConfig {
  return { env: process.env, dataDir: process.env['MERIDIAN_DATA_DIR'] || defaultDataDir };
}
