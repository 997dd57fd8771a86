import { findOnPath } from './find-part.ts';
import { runCommand } from './run-command.ts';

/** What installing needs: somewhere to say what happens, and when to give up. */
export interface InstallOptions {
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Installs Debian packages, as root or through `sudo` when that asks no password. Gives undefined when done, else why not. */
export async function installDebianPackages(
  names: readonly string[],
  options: InstallOptions,
): Promise<string | undefined> {
  if (findOnPath('apt-get') === undefined) return 'this machine has no apt-get';
  const prefix = await rootPrefix(options.signal);
  if (prefix === undefined)
    return `not root and sudo asks for a password; run: sudo apt-get install -y ${names.join(' ')}`;
  options.onProgress(`installing from Debian packages: ${names.join(', ')}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const apt = [...prefix, 'apt-get', '-o', 'DPkg::Lock::Timeout=120', '-y'];
  const install = [...apt, '--no-install-recommends', 'install', ...names];
  const first = await runCommand(install, { environment, signal: options.signal });
  if (first.code === 0) return undefined;
  await runCommand([...apt, 'update'], { environment, signal: options.signal });
  const second = await runCommand(install, { environment, signal: options.signal });
  return second.code === 0
    ? undefined
    : `apt-get install ${names.join(' ')} failed: ${lastLine(second.output)}`;
}

/** Installs a Homebrew package. Gives undefined when done, else why not. */
export async function installHomebrewPackage(
  name: string,
  options: InstallOptions,
): Promise<string | undefined> {
  if (findOnPath('brew') === undefined) return 'this machine has no Homebrew';
  options.onProgress(`installing the Homebrew package ${name}`);
  const result = await runCommand(['brew', 'install', '--quiet', name], {
    environment: { HOMEBREW_NO_AUTO_UPDATE: '1', NONINTERACTIVE: '1' },
    signal: options.signal,
  });
  return result.code === 0 ? undefined : `brew install ${name} failed: ${lastLine(result.output)}`;
}

async function rootPrefix(signal: AbortSignal): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  if (findOnPath('sudo') === undefined) return undefined;
  const answer = await runCommand(['sudo', '-n', 'true'], { signal });
  return answer.code === 0 ? ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'] : undefined;
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
