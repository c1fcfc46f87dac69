// Starts the dashboard.
import { render } from 'preact';
import { App } from './app.tsx';
import { startTicking } from './parts/time.tsx';
import { startRouter } from './router.ts';
import { startSession } from './session.ts';
import { startTheme } from './theme.ts';
import './styles/index.css';

startTheme();
startRouter();
startSession();
startTicking();

const root = document.getElementById('app');
if (root) render(<App />, root);
