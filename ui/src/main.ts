// Entry of the main window.

import "./styles/base.css";
import Main from "./main/Main.svelte";
import { start } from "./start";

void start(Main, "view");
