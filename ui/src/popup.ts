// Entry of the pop-up.

import "./styles/base.css";
import Popup from "./popup/Popup.svelte";
import { start } from "./start";

void start(Popup, "popup_view");
