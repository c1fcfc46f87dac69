// Bindings and vars → one validated Config. Every default and unit lives here; nothing else reads `env`.
import { z } from 'zod';
