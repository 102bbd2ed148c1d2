"""Spanish."""

from bot.words.catalogue import Words

SPANISH = Words(
    language="Español",
    placeholder="Estoy leyendo los documentos…",
    status="está leyendo los documentos…",
    cut=(
        "… (cortado aquí: la respuesta es demasiado larga para un mensaje en Slack; está completa "
        "en las fuentes)"
    ),
    sources="Fuentes",
    more="… y {count} más.",
    newer="Hay una versión más reciente:",
    conversation="una conversación en Slack",
    page="página {number}",
    slide="diapositiva {number}",
    sheet="hoja {name}",
    nearest=("El pasaje más cercano (no dice esto; compruébelo antes de confiar en la respuesta)"),
    nearest_of_refusal="Los pasajes más cercanos",
    nearest_not_compared="El pasaje más cercano",
    not_compared=(
        "Por el idioma no he podido comparar todo con los documentos: compruebe lo marcado con "
        "{mark} antes de confiar en ello."
    ),
    doubted="{mark} significa que ningún pasaje dice esto; compruébelo antes de confiar en ello.",
    newest="fuente más reciente: {date}",
    on_trial="a prueba",
    reference="referencia {id}",
    good="Buena",
    bad="Mala",
    good_answer="Buena respuesta",
    bad_answer="Mala respuesta",
    refused="Los documentos no lo dicen.",
    nearest_documents="Los documentos más cercanos que he encontrado: {titles}.",
    unsupported=(
        "El modelo ha escrito algo que ningún pasaje respalda, así que no se muestra. Estos son "
        "los pasajes más cercanos."
    ),
    too_long=(
        "Su pregunta es demasiado larga para leerla junto con los documentos. Por favor, pregunte "
        "de nuevo con menos palabras."
    ),
    english_only=(
        "El modelo que busca en los documentos solo entiende inglés; en otro idioma solo encuentra "
        "lo que contiene las palabras de la pregunta. Por favor, hágala en inglés o con las "
        "palabras de los documentos. La persona que me administra puede elegir un modelo que "
        "entienda muchos idiomas."
    ),
    quoted="El modelo no responde en este momento. Los pasajes más cercanos:",
    unsure="No estoy seguro de que los documentos respondan a esto. El pasaje más cercano dice:",
    after_refusal=(
        "Pregunte con otras palabras, o haga añadir con /phi3-ingest el documento que contiene la "
        "respuesta."
    ),
    try_again="Intentarlo de nuevo",
    question_gone="La pregunta ya no existe, así que no puedo responderla de nuevo.",
    ask_expert="Preguntar a {name}",
    expert_asked=(
        "los documentos no dicen lo que preguntó {asker}: «{question}». ¿Podría "
        "responder aquí, en este hilo?"
    ),
    expert_known="Ya se preguntó a {name}: mire en este hilo.",
    expert_gone="{name} ya no está, así que no he preguntado a nadie.",
    after_quotation="Pregunte de nuevo en unos minutos para recibir una respuesta redactada.",
    readers_unknown=(
        "Slack no me ha dicho quién puede leer esta conversación, y sin saberlo no muestro ningún "
        "documento. Invíteme a ella y pregunte de nuevo."
    ),
    help=(
        "Hágame una pregunta en una frase, por ejemplo: ¿Cómo consigo un portátil nuevo? Respondo "
        "a partir de los documentos del equipo."
    ),
    help_thread="En este hilo no hace falta que me mencione otra vez.",
    help_documents="/phi3-ingest help explica cómo se añaden documentos.",
    denied_person=(
        "Gracias por su pregunta, pero no estoy configurado para responderle; la persona que me "
        "gestiona puede cambiarlo."
    ),
    denied_channel=(
        "Gracias por su pregunta, pero no estoy configurado para responder en este canal; "
        "hágamela en otro lugar o en un mensaje directo."
    ),
    quota_person=(
        "Gracias por su pregunta; ya he respondido a {most} suyas en {period}, que es el límite "
        "por persona, así que pregúnteme de nuevo dentro de {wait}."
    ),
    quota_channel=(
        "Gracias por su pregunta; ya he respondido a {most} en este canal en {period}, que es su "
        "límite, así que pregúnteme de nuevo dentro de {wait}."
    ),
    one_hour="una hora",
    one_day="un día",
    minutes="aproximadamente {count} min",
    hours="aproximadamente {count} h",
    message_cut="Solo he leído los primeros {count} caracteres de su mensaje.",
    no_words="Ese mensaje no tiene palabras a las que pueda responder.",
    asked_already="Ya me hicieron esa pregunta: mire en el hilo del mensaje.",
    not_read=(
        "No he leído lo que ha adjuntado ({names}). Para preguntar sobre ello, añádalo: en el menú "
        "(⋮) de su mensaje, elija «{entry}»."
    ),
    failure=(
        "No he podido responder. {what}\nPregunte de nuevo en un minuto; si el error continúa, dé "
        "la referencia {reference} a la persona que me administra."
    ),
    model_failed="El modelo no responde en este momento.",
    search_failed="No puedo buscar en los documentos en este momento.",
    records_failed="Mi base de datos no responde en este momento.",
    messenger_failed="Slack no me ha dejado responder.",
    something_failed="Algo ha fallado por mi parte.",
    closed="No puedo responder a su pregunta «{question}»: {why}.",
    thread_locked="el hilo está bloqueado",
    thread_gone="el hilo ya no existe",
    archived="el canal está archivado",
    not_member="no soy miembro de ese canal",
    not_seen="ya no veo esa conversación",
    no_replies="Slack no permite responder a ese mensaje",
    not_allowed="no se me permite escribir allí",
    noted_good=(
        "Gracias: anotada como buena. El entrenamiento de esta noche puede aprender de ella."
    ),
    noted_only="Gracias: anotada como buena.",
    noted_bad="Gracias: anotada como mala.",
    undecided=(
        "Anotada como buena. Antes escribió lo que estaba mal en esta respuesta: mientras ambas "
        "cosas sigan en pie, ninguna cuenta. Borre lo que escribió o envíe de nuevo el formulario."
    ),
    written=(
        "Lo que ha escrito sobre esta respuesta está guardado. Puede cambiarlo con 👎 o borrarlo "
        "aquí."
    ),
    deleted="Lo que escribió sobre esta respuesta se ha borrado.",
    not_rated="No ha valorado la respuesta de otro modo.",
    good_counts="Su 👍 cuenta.",
    bad_counts="Su 👎 sigue contando.",
    say_what_was_wrong="Decir qué estaba mal",
    delete_what_i_wrote="Borrar lo que escribí",
    unknown_answer=(
        "Ya no conozco esa respuesta, así que no se puede valorar. Pregunte otra vez para obtener "
        "una nueva."
    ),
    other_conversation="Esa respuesta está en otra conversación; valórela allí.",
    rating_not_kept=(
        "Su valoración no se ha guardado: {why} Pulse de nuevo en un minuto (referencia "
        "{reference})."
    ),
    correction_not_kept="No se ha guardado: {why} Envíelo de nuevo (referencia {reference}).",
    answer_changed=(
        "No se ha guardado: mi respuesta se hizo de nuevo o se borró después de que usted abriera "
        "este formulario. Copie lo que escribió, mire la respuesta actual y valórela."
    ),
    answer_again="Usted dijo que mi respuesta a «{question}» era incorrecta. Ahora respondo:",
    gap_answered="Usted preguntó «{question}» y yo no tenía una buena respuesta. Ahora respondo:",
    what_was_wrong="¿Qué estaba mal?",
    send="Enviar",
    skip="Omitir",
    fault_wrong="Es incorrecta",
    fault_outdated="Está desactualizada",
    fault_incomplete="Está incompleta",
    fault_source="Procede de la fuente equivocada",
    fault_unwanted="No debería haber respondido",
    right_answer="La respuesta correcta, tal como debería haberla dado",
    where_it_stands="Dónde está: un enlace o el nombre de un documento",
    too_many_characters="Tiene {count} caracteres; se permiten {most} como máximo.",
    thanks_title="Anotado",
    thanks="Gracias. Con una respuesta correcta, las próximas noches pueden aprender de ella.",
    thanks_only="Gracias.",
    close="Cerrar",
    verified="confirmado por {name} el {date}",
    card_offered=(
        "Gracias, {name}. ¿Guardo lo que escribió como respuesta a «{question}»? Así la daré a "
        "otros que pregunten, con su nombre."
    ),
    card_keep="Guardar como respuesta",
    card_kept=(
        "{name} confirmó la respuesta a «{question}». Desde ahora la doy a quienes pregunten."
    ),
    card_change="Cambiar",
    card_withdraw="Retirar",
    card_sure="Ya no daré esta respuesta a nadie.",
    card_withdrawn="La respuesta que se guardó aquí está retirada: ya no la doy.",
    card_told="{name} confirmó una respuesta a su pregunta «{question}»: {answer}",
    card_not_yours="Solo puede hacerlo {name}, a quien se preguntó, o un administrador.",
    card_gone="Esa pregunta ya no existe, así que no se guarda nada de ella.",
    card_confirmed="{name} confirmó una respuesta entretanto.",
    form_is_older="Este formulario es más antiguo: ciérrelo y ábralo otra vez.",
    card_failed=(
        "Su respuesta está confirmada, pero todavía no puedo darla: {why} Elija «{change}» y "
        "envíela otra vez."
    ),
    card_question="La pregunta",
    card_answer="La respuesta, como la leerán los demás",
    card_link="Dónde está escrito, si lo está: un enlace",
    card_readers=(
        "Quién puede leerla: {readers}. También puede servir para el entrenamiento, si todos "
        "aquí pueden leerla y usted lo permite en mi pestaña Inicio."
    ),
    readers_all="todos los miembros de este espacio de trabajo",
    readers_here="todos en este canal",
    card_cut="Escribió más de lo que cabe en este formulario, así que falta el final.",
    card_empty="Por favor, escriba algo aquí.",
    card_no_link="Por favor, escriba un enlace entero, que empiece con https://",
    only_for_me="Solo para mí",
    share_here="Compartir donde pregunté",
    only_asker="Solo puede hacerlo quien preguntó.",
    asked_privately="Solo para usted, a su pregunta:",
    private_now="Solo usted ve mi respuesta: está en nuestros mensajes directos.",
    shared_now="Mi respuesta está ahora en el hilo donde preguntó.",
    not_shared="No la he compartido: no todas las personas de allí pueden leer todas sus fuentes.",
    not_moved="No he podido hacerlo: {why}",
    taken_away="Ahora solo quien preguntó tiene esta respuesta.",
)
