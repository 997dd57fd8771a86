import { Environment } from '@marcbachmann/cel-js';
import type { Register } from './functions/cel-fault.ts';
import { registerFormats } from './functions/format-functions.ts';
import { registerLists } from './functions/list-functions.ts';
import { registerNetworks } from './functions/network-functions.ts';
import { registerQuantities } from './functions/quantity-functions.ts';
import { registerSemvers } from './functions/semver-functions.ts';
import { registerStrings } from './functions/string-functions.ts';
import { registerUrls } from './functions/url-functions.ts';

let base: Environment | undefined;

/** A new environment with the functions that Kubernetes adds to CEL, to which variables and types may be added. */
export function celEnvironment(): Environment {
  base ??= withFunctions();
  return base.clone();
}

function withFunctions(): Environment {
  const environment = new Environment({ enableOptionalTypes: true });
  const register: Register = (signature, handler) => {
    environment.registerFunction(signature, handler);
  };
  registerLists(environment, register);
  registerStrings(environment, register);
  registerQuantities(environment, register);
  registerNetworks(environment, register);
  registerUrls(environment, register);
  registerSemvers(environment, register);
  registerFormats(environment, register);
  return environment;
}
