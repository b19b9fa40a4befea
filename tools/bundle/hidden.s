/* The linker itself makes these, the ends of deno_bindgen's list of symbols, and would export them. */
.hidden __start_linkme_INVENTORY
.hidden __stop_linkme_INVENTORY
.hidden __start_linkm2_INVENTORY
.hidden __stop_linkm2_INVENTORY
